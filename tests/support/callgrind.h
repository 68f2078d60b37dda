// SPDX-License-Identifier: MIT
//
// How many instructions a program executes: repeatable, whatever else the machine does.
#pragma once

#include "support/subprocess.h"

namespace heapmeter::testing {

// Valgrind's options for itself go ahead of `options`, the command is its argv. Fails the test, and is 0,
// where it did not end well.
double executed_instructions(Command command, std::vector<std::string> options = {});

// What clang's code takes more than gcc's is guarded where it is.
constexpr double bar([[maybe_unused]] double by_gcc, [[maybe_unused]] double by_clang) {
#if defined(__clang__)
  return by_clang;
#else
  return by_gcc;
#endif
}

}  // namespace heapmeter::testing
