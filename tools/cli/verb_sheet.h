// SPDX-License-Identifier: MIT
//
// A verb as its own parser describes it: what completions and the man page are made from, so that a new verb
// or option is in them by itself.
#pragma once

#include <string>
#include <vector>

#include "verbs/command.h"

namespace heapmeter::cli {

struct OptionSheet {
  std::vector<std::string> names = {};    // "-i", "--interval"
  std::string value = {};                 // "SECONDS"; "" of a flag
  bool may_lack_value = false;            // which then is behind an equals sign only
  std::vector<std::string> choices = {};  // of the value, where there are only these
  std::string help = {};
};

struct VerbSheet {
  std::string name, summary;
  std::string usage;                   // "[OPTIONS] TARGET"
  std::string description;             // sentences
  std::string example;                 // lines, indented
  std::vector<OptionSheet> arguments;  // with one name each, "TARGET"
  std::vector<OptionSheet> options;

  // What its arguments are, by the usage line.
  bool takes_target() const {
    return usage.find("TARGET") != std::string::npos || usage.find("PID") != std::string::npos;
  }
  bool takes_mark() const { return usage.find("MARK") != std::string::npos; }
  bool takes_file() const { return usage.find("FILE") != std::string::npos; }
  // Behind two dashes, and those must be there.
  bool takes_command() const { return usage.find(" -- COMMAND") != std::string::npos; }
  bool takes_program() const { return usage.find("PROGRAM") != std::string::npos; }
};

// Runs the verb up to its parser and no further.
VerbSheet describe(const Command &command);
std::vector<VerbSheet> describe_all();

}  // namespace heapmeter::cli
