// SPDX-License-Identifier: MIT
#include "suppressions/built_in.h"

namespace heapmeter::cli::suppressions {
namespace {

struct Own {
  const char *why, *rule;
};

constexpr Own kOwn[] = {
    {"libc: the arguments of putenv are the program's to keep, and what setenv replaced may still be read",
     R"({
        libc: setenv
        Memcheck:Leak
        ...
        fun:__add_to_environ
     })"},
};

}  // namespace

const std::vector<Rule> &built_in_rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> all;
    for (const Own &own : kOwn) {
      for (Rule &rule : parse_rules(own.rule, "built in")) {
        rule.where = "a rule built in";
        rule.why = own.why;
        all.push_back(std::move(rule));
      }
    }
    return all;
  }();
  return rules;
}

}  // namespace heapmeter::cli::suppressions
