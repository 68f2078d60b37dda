// SPDX-License-Identifier: MIT
//
// Who keeps memory in a process that is not malloc's: the runtimes in its executable and its libraries.
#pragma once

#include <vector>

#include "doctor/runtime_heaps.h"

namespace heapmeter::cli {

// Each once; none where that may not be read. Reads the symbols of all its
// libraries, which takes a while.
std::vector<OwnMemory> memory_owners(int pid);

}  // namespace heapmeter::cli
