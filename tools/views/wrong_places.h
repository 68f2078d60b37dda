// SPDX-License-Identifier: MIT
//
// Wrong calls with their places in the code; pure.
#pragma once

#include "readings/reading.h"
#include "sites/stacks.h"
#include "sites/wrong_calls.h"

namespace heapmeter::cli {

// Into the reading's JSON; `stacks` are those of `calls.code` with names.
void add_places(Reading &reading, const sites::WrongCalls &calls, const sites::Stacks &stacks);

}  // namespace heapmeter::cli
