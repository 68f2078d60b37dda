// SPDX-License-Identifier: MIT
//
// A sentence about a process, what it is said by, and what it leaves open.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace heapmeter::cli::verdicts {

enum class Kind {
#define HEAPMETER_VERDICT(code, alarm, meaning) k_##code,
#include "verdicts/verdicts.def"
#undef HEAPMETER_VERDICT
};

struct Verdict {
  Kind kind;
  std::string words;     // what is the case, in a sentence without its full stop
  std::string evidence;  // the figures it follows from
  std::string limit;     // what it cannot tell, or ""
  std::vector<std::pair<const char *, double>> figures = {};  // the evidence, exact, by the names of JSON
};

const char *code(Kind kind);  // as in JSON
bool is_alarm(Kind kind);     // somebody should look at it

}  // namespace heapmeter::cli::verdicts
