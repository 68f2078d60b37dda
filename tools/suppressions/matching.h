// SPDX-License-Identifier: MIT
//
// Whether a rule fits a whole call stack.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "suppressions/rule.h"
#include "symbols/frame.h"

namespace heapmeter::cli::suppressions {

struct Stack {
  std::string family;  // malloc, new or new[]: valgrind's rules begin with the function itself
  std::vector<symbols::Frame> frames;  // innermost first, all of them, inlined ones too
  std::vector<std::string> paths;      // of each frame's file
};

// Of the first that fits, or -1. `indirectly`: of a block that only other lost ones point at.
int first_fitting(const std::vector<Rule> &rules, const Stack &stack, bool indirectly);
bool fits(const Rule &rule, const Stack &stack);

// LeakSanitizer's: a part of the text; * is anything, ^ its beginning, $ its end.
bool contains(std::string_view text, std::string_view pattern);
// Valgrind's: the whole text; * is anything, ? one letter.
bool is_like(std::string_view text, std::string_view pattern);

}  // namespace heapmeter::cli::suppressions
