// SPDX-License-Identifier: MIT
//
// What stands between a program and the meter, in the words that `doctor` prints, `run` refuses or warns
// with, and `stat` gives as its reason: one list for all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli {

enum class Effect {
  kNote,       // good to know
  kPartly,     // counted, but not all of its memory, or not to be read while it runs
  kUncounted,  // it runs, and nothing is counted
  kRefused,    // it cannot be metered; `run` does not start it
};

enum class Found {
#define HEAPMETER_FINDING(code, effect) k_##code,
#include "doctor/findings.def"
#undef HEAPMETER_FINDING
};

struct Finding {
  Found found;
  std::string file;    // which file it was found in, "" when it is none
  std::string what;    // with the file or process in it
  std::string advice;  // what to do about it

  Effect effect() const;
  const char *code() const;
  // Not counted, or not served; rather than counted in part.
  bool keeps_from_reading() const;
  std::string sentence() const { return advice.empty() ? what : what + "; " + advice; }
};

using Findings = std::vector<Finding>;

// kNote when there is none.
Effect worst(const Findings &findings);
const char *effect_name(Effect effect);
// A sentence with its advice behind the first "; ".
Finding finding_from(Found found, const std::string &file, std::string_view sentence);

}  // namespace heapmeter::cli
