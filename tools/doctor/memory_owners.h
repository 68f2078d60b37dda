// SPDX-License-Identifier: MIT
//
// Who keeps memory in a process that is not malloc's: the runtimes in its executable and its libraries.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/runtime_heaps.h"

namespace heapmeter::cli {

// Each once; none where that may not be read. Reads the symbols of all its
// libraries, which takes a while.
std::vector<OwnMemory> memory_owners(int pid);

// The program, or the first of the libraries that it is linked with (libpython, libruby), that has such a
// runtime, of which own_heap() and own_memory() tell.
std::optional<ElfFile> with_own_memory(const std::string &program, const Lookup &variable);

}  // namespace heapmeter::cli
