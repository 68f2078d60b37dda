// SPDX-License-Identifier: MIT
//
// How allocations are to be told apart by the code that makes them, as people write it; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace heapmeter::cli {

inline constexpr const char *kSampleWords = "every, off, or one in so many bytes, such as 512K";

// "every", "off" or a size, as the library takes it: digits, perhaps with K, M or G behind. None where it is
// nothing of these.
std::optional<std::string> sample_word(std::string_view text);
// What is wrong with a value that is none of them, given by an option or a variable, and what helps.
std::string no_sample_word(std::string_view given_by, std::string_view value, std::string_view verb);

// Where a process says why it does not do so.
const char *what_helps_sampling(const std::string &reason);

}  // namespace heapmeter::cli
