// SPDX-License-Identifier: MIT
//
// What every demo program shares: --help, at most one positional argument, one place where errors are
// printed, and the exit codes (0 ok, 1 failed, 2 wrong usage). A main.cpp is one call of run_program.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace demo {

enum class ExitCode { kOk = 0, kFailed = 1, kUsage = 2 };

struct Program {
  std::string name;
  std::string summary;
  std::string argument;       // name of the positional argument; empty: takes none
  std::string argument_help;  // what it is and what happens without it
  std::function<ExitCode(const std::optional<std::string> &argument)> run;
};

// Parses the command line, runs, reports errors on stderr, and makes sure that stdout was really written.
int run_program(int argc, char **argv, const Program &program);

}  // namespace demo
