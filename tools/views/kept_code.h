// SPDX-License-Identifier: MIT
//
// What a load kept, by code; pure.
#pragma once

#include <vector>

#include "readings/load.h"
#include "sites/stacks.h"

namespace heapmeter::cli {

// Of changes, what grew most first: what differs only in callers further out is one.
std::vector<KeptCode> kept_code(const sites::Stacks &changes);

}  // namespace heapmeter::cli
