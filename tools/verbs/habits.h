// SPDX-License-Identifier: MIT
//
// What who comes from heaptrack, memray, valgrind, bytehound or perf types first, and what does it here.
#pragma once

#include <string>
#include <string_view>

namespace heapmeter::cli {

// Of a word in a verb's place, or an option there: "heapmeter run -- PROGRAM"; "" when nobody is used to it.
// `next` is what stands behind it: a pid takes the place of PID.
std::string habit_of_word(std::string_view word, std::string_view next);

// Of an option that the verb has not. `next` likewise.
std::string habit_of_option(std::string_view verb, std::string_view option, std::string_view next);

}  // namespace heapmeter::cli
