// SPDX-License-Identifier: MIT
//
// A rule in valgrind's syntax that fits this call stack and no other.
#pragma once

#include <string>

#include "suppressions/matching.h"

namespace heapmeter::cli::suppressions {

// With a line end; "" of a stack that is not known. Fits blocks that are lost by themselves or by others.
std::string made_of(const Stack &stack);

}  // namespace heapmeter::cli::suppressions
