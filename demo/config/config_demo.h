// SPDX-License-Identifier: MIT
//
// The program `config [FILE]`: saves a configuration, loads it again, shows what the meter saw of it, and
// what the three kinds of error look like. With a FILE it loads that file and shows what it says.
#pragma once

#include <optional>
#include <string>

#include "support/program.h"

namespace demo {

ExitCode run_config_demo(const std::optional<std::string> &file);

}  // namespace demo
