// SPDX-License-Identifier: MIT
//
// Who keeps memory in a process that is not malloc's: the runtimes in its executable and its libraries.
#pragma once

#include <string>
#include <vector>

#include "doctor/runtime_heaps.h"

namespace heapmeter::cli {

// Each once; none where that may not be read. Reads the symbols of all its
// libraries, which takes a while.
std::vector<OwnMemory> memory_owners(int pid);

// Of the program that is called so, and of all libraries that it is linked with (libpython, libruby): each
// runtime once.
struct BesideMalloc {
  std::vector<OwnMemory> owners;
  std::string what;  // "NAME keeps ...; NAME runs ..."
};
BesideMalloc beside_malloc(const std::string &program, const std::string &name, const Lookup &variable);

}  // namespace heapmeter::cli
