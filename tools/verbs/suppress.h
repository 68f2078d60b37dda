// SPDX-License-Identifier: MIT
//
// --suppressions and --gen-suppressions, the same for the verbs that look for what is lost.
#pragma once

#include <string>
#include <vector>

#include "suppressions/rule.h"
#include "verbs/arguments.h"

namespace heapmeter::cli {

class Suppress {
 public:
  void add_options(Parser &parser);
  // The rules of all files, then those built in; a place for made ones that cannot be written is told now,
  // not when there are some, and what is there stays until then. Throws UserError.
  const std::vector<suppressions::Rule> &rules();

  bool any() const { return !files_.empty() || !made_.empty(); }
  bool wants_made() const { return !made_.empty(); }
  // What keeps it from being written, or a rule from being in it, is a line on stderr: the exit code stays
  // the program's.
  void save(const std::string &rules, bool any_lost) const;

 private:
  void check_made() const;

  std::vector<std::string> files_;
  std::string made_;
  std::vector<suppressions::Rule> rules_;
};

}  // namespace heapmeter::cli
