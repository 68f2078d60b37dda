// SPDX-License-Identifier: MIT
//
// The program `worker_pool`: the article's four sums, what a task costs on the heap, a worker that dies, and
// the proof that nothing is left behind.
#pragma once

#include <optional>
#include <string>

#include "support/program.h"

namespace demo {

ExitCode run_worker_demo(const std::optional<std::string> &argument);

}  // namespace demo
