// SPDX-License-Identifier: MIT
//
// The program `ownership`: each way to hand a value on, with what the meter saw of it. Its other half are the
// programs that must not compile, in tests/demo/rejected.
#pragma once

#include <optional>
#include <string>

#include "support/program.h"

namespace demo {

ExitCode run_ownership(const std::optional<std::string> &argument);

}  // namespace demo
