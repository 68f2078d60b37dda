// SPDX-License-Identifier: MIT
//
// All processes whose sockets can be reached, and which of them are there.
#pragma once

#include <vector>

#include "readings/target.h"

namespace heapmeter::cli {

// Those whose pids here are known, whether they answer or not.
std::vector<Target> reachable_targets();
// Those of them that are there and who their sockets' names say, be they late.
std::vector<Target> those_there(const std::vector<Target> &candidates);

}  // namespace heapmeter::cli
