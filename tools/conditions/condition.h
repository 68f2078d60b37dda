// SPDX-License-Identifier: MIT
//
// What --fail-if takes: NAME, a comparison, and a number, or a change of what FILE says.
#pragma once

#include <string>
#include <vector>

namespace heapmeter::cli::conditions {

enum class Comparison { kMore, kAtLeast, kLess, kAtMost, kEqual, kUnequal };
// What the amount is: a number; or a change, of so much or by so many percent, of what was before.
enum class Kind { kNumber, kChange, kPercent };

struct Condition {
  std::string text;  // as it was given
  std::string name;  // of a field
  Comparison comparison = Comparison::kMore;
  Kind kind = Kind::kNumber;
  double amount = 0;
  std::string file;  // of the figures before; "" where they are known without
};

// What a verb's conditions may say.
struct Language {
  std::vector<std::string> names;
  bool has_before = false;  // a change is one between the two that the verb compares, else "of FILE"
};

// Throws UserError (kUsage).
Condition parse(const std::string &text, const Language &language);
std::vector<Condition> parse(const std::vector<std::string> &texts, const Language &language);

bool holds(double value, Comparison comparison, double limit);

}  // namespace heapmeter::cli::conditions
