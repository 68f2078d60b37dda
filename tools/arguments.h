// SPDX-License-Identifier: MIT
//
// A verb's command line through CLI11: the same help layout, example and error wording for all of them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "command.h"

namespace heapmeter::cli {

std::unique_ptr<CLI::App> make_parser(const std::string &verb, const std::string &usage,
                                      const std::string &description, const std::string &example);

// While it lives, parse() hands the parser to it and says false: how a verb is asked what it understands
// without doing anything.
class ParserVisit {
 public:
  using Visitor = std::function<void(const CLI::App &parser, const std::string &usage)>;
  explicit ParserVisit(Visitor visitor);
  ~ParserVisit();
  ParserVisit(const ParserVisit &) = delete;
  ParserVisit &operator=(const ParserVisit &) = delete;
};

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
