// SPDX-License-Identifier: MIT
//
// The program `pool_allocator`: what a pool does when it is empty and when it is full, in exact bytes, and
// what it saves against operator new, in allocations and in time.
#pragma once

#include <optional>
#include <string>

#include "support/program.h"

namespace demo {

ExitCode run_pool_demo(const std::optional<std::string> &argument);

}  // namespace demo
