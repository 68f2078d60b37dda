// SPDX-License-Identifier: MIT
//
// The only file that includes CLI11, and the only one that turns an exception into an exit code.
#include "support/program.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "support/user_error.h"

namespace demo {
namespace {

int fail(const Program &program, const char *what) {
  fmt::print(stderr, "{}: {}\n", program.name, what);
  return static_cast<int>(ExitCode::kFailed);
}

int run_parsed(const Program &program, const std::optional<std::string> &argument) {
  try {
    const ExitCode code = program.run(argument);
    if (std::fflush(stdout) != 0)
      throw UserError(fmt::format("cannot write to standard output: {}; is the disk full or the pipe closed?",
                                  std::strerror(errno)));
    return static_cast<int>(code);
  } catch (const std::exception &error) {
    return fail(program, error.what());
  }
}

}  // namespace

int run_program(int argc, char **argv, const Program &program) {
  std::optional<std::string> argument;
  try {
    CLI::App app{program.summary, program.name};
    if (!program.argument.empty()) app.add_option(program.argument, argument, program.argument_help);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {  // --help comes this way too
      return static_cast<int>(app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kUsage);
    }
  } catch (const std::exception &error) {
    return fail(program, error.what());
  }
  return run_parsed(program, argument);
}

}  // namespace demo
