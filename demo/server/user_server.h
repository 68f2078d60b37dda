// SPDX-License-Identifier: MIT
//
// The program `user_server [CONFIG]`: configuration, log and signals around a Server.
#pragma once

#include <optional>
#include <string>

#include "support/program.h"
#include "workers/worker.h"

namespace demo {

ExitCode run_user_server(const std::optional<std::string> &file);

// The same with another task for the workers; for tests.
ExitCode run_user_server_with(const std::optional<std::string> &file, TaskFunction task);

}  // namespace demo
