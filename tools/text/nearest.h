// SPDX-License-Identifier: MIT
//
// What a mistyped word was meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli {

// The one that takes the fewest changes (a letter more, less, another, or two in the wrong order), or that
// the word alone begins; "" when none is near enough.
std::string nearest(std::string_view word, const std::vector<std::string> &known);

// Between what is wrong and what helps: "; did you mean X?", or just ";".
std::string did_you_mean(std::string_view word, const std::vector<std::string> &known);

}  // namespace heapmeter::cli
