// SPDX-License-Identifier: MIT
//
// Wrong calls with their places in the code; pure.
#pragma once

#include <vector>

#include "readings/reading.h"
#include "sites/stacks.h"
#include "sites/wrong_calls.h"

namespace heapmeter::cli {

// Into the reading's JSON; `only`, and with names, `stacks`: of sites::only_these().
void add_places(Reading &reading, const std::vector<sites::Origin> &calls, const sites::Profile &only,
                const sites::Stacks &stacks);

}  // namespace heapmeter::cli
