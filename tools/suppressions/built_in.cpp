// SPDX-License-Identifier: MIT
#include "suppressions/built_in.h"

namespace heapmeter::cli::suppressions {
namespace {

struct Own {
  const char *why, *rule;
};

constexpr Own kOwn[] = {
    {"glibc: thread-local storage of libraries that were loaded later is not always given back (bug 12650)",
     R"({
        thread-local storage
        Memcheck:Leak
        ...
        fun:__tls_get_addr
     })"},
    {"glibc: pthread_exit and pthread_cancel load libgcc_s for good",
     R"({
        the unwinder of pthread_exit
        Memcheck:Leak
        ...
        fun:pthread_exit
     }
     {
        the unwinder of pthread_cancel
        Memcheck:Leak
        ...
        fun:pthread_cancel
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
