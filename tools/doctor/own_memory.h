// SPDX-License-Identifier: MIT
//
// What a language runtime keeps in memory it takes from the kernel itself.
#pragma once

#include <string>

namespace heapmeter::cli {

// As "Python's arenas", and how to see into it.
struct OwnMemory {
  std::string memory, advice;
};

}  // namespace heapmeter::cli
