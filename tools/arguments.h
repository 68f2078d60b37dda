// SPDX-License-Identifier: MIT
//
// A verb's command line through CLI11: the same help layout, example and error wording for all of them.
#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "command.h"

namespace heapmeter::cli {

std::unique_ptr<CLI::App> make_parser(const std::string &verb, const std::string &usage,
                                      const std::string &description, const std::string &example);

// False when help was asked for, and printed. Throws UserError with kUsage.
bool parse(CLI::App &parser, const Arguments &arguments);

// Options for the verb, and from the first word that is neither an option nor an option's value (or after
// "--") the command of another program, whose own options are not ours to read.
struct SplitArguments {
  Arguments options;
  Arguments command;
};
SplitArguments split_command(const CLI::App &parser, const Arguments &arguments);

}  // namespace heapmeter::cli
