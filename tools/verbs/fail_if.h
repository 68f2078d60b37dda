// SPDX-License-Identifier: MIT
//
// --fail-if and --fail-code, the same for every verb that measures.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conditions/judgement.h"
#include "verbs/arguments.h"

namespace heapmeter::cli {

class FailIf {
 public:
  void add_options(Parser &parser);
  // What was given, taken apart, and the files it names read: what is wrong is told before anything is
  // measured. Throws UserError (kUsage).
  void prepare(const conditions::Language &language);

  bool any() const { return !conditions_.empty(); }
  bool asks_for_a_look() const;

  // Throws UserError (kUsage) when one of these has no figures of a look that a condition is on: `why` says
  // what has.
  void want_look_in(const conditions::Figures &figures, const std::string &why) const;

  // Of what was measured. `before` is what changes are from where no file says it. Each that failed is a line
  // on stderr, and each that may have.
  void judge(const conditions::Figures &now, const conditions::Figures *before = nullptr);
  // Whether a condition on what is lost failed, or may have.
  bool found_lost() const;
  boost::json::array failed_json() const { return conditions::failed_json(judgements_); }
  // A failure of its own wins.
  int exit_code(int own) const;

 private:
  std::vector<std::string> texts_;
  std::int64_t code_ = kConditionFailed;
  std::vector<conditions::Condition> conditions_;
  std::map<std::string, conditions::Figures> files_;
  std::vector<conditions::Judgement> judgements_;
};

}  // namespace heapmeter::cli
