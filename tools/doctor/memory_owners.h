// SPDX-License-Identifier: MIT
//
// Who keeps memory in a process that is not malloc's: the runtimes in its executable and its libraries.
#pragma once

#include <string>
#include <vector>

namespace heapmeter::cli {

// "Python's arenas", and so on, each once; none where that may not be read. Reads the symbols of all its
// libraries, which takes a while.
std::vector<std::string> memory_owners(int pid);

}  // namespace heapmeter::cli
