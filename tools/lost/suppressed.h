// SPDX-License-Identifier: MIT
//
// Rules at work on what is lost: what they take away, and how much of it.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lost/rows.h"
#include "sites/stacks.h"
#include "suppressions/rule.h"

namespace heapmeter::cli::lost {

// By one rule.
struct Suppressed {
  std::string rule, where, why;  // where: "FILE:LINE"; why: of those built in, else ""
  std::uint64_t blocks = 0, bytes = 0;
};

class Suppressor {
 public:
  explicit Suppressor(std::vector<suppressions::Rule> rules);

  void take_from(Look &look, const sites::Profile &profile, const sites::Naming &naming);
  // From rows whose parts can be told apart: direct, and indirect.
  void take_from(std::vector<Row> &rows, const sites::Profile &profile, const sites::Naming &naming);

  Suppressed all() const;
  // Of the rules that fitted something, what is most first; the user's own that fitted nothing.
  std::vector<Suppressed> fitting() const;
  std::vector<std::string> idle() const;

 private:
  // Of the rule that fits, or -1.
  int rule_for(std::uint32_t leaf, const std::string &family, bool indirectly, const sites::Profile &profile,
               const sites::Naming &naming);
  void count(int rule, std::uint64_t blocks, std::uint64_t bytes);

  std::vector<suppressions::Rule> rules_;
  std::vector<Suppressed> done_;  // of each rule
  std::map<std::tuple<std::uint32_t, std::string, bool>, int> known_;
};

}  // namespace heapmeter::cli::lost
