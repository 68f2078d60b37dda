// SPDX-License-Identifier: MIT
//
// The program `tracking_tour`: the process's live bytes and blocks before a vector of 1000 ints exists, while
// it does, and after; exactly +4000 bytes and +1 block, and back.
#pragma once

#include <optional>
#include <string>

#include "support/program.h"

namespace demo {

ExitCode run_tracking_tour(const std::optional<std::string> &argument);

}  // namespace demo
