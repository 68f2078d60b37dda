// SPDX-License-Identifier: MIT
//
// A number of bytes as people write it: decimal digits, and K, M or G (1024, its square, its cube) behind
// them; or a word that stands for one.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::quantity {

struct Words {
  static constexpr size_t kMost = 2;
  const char *word[kMost];
  uint64_t value[kMost];
};

// How much lies between two samples, in the middle: 0, none are taken; 1, every allocation is told.
inline constexpr uint64_t kNoSamples = 0, kEvery = 1;
inline constexpr Words kSampleWords = {{"off", "every"}, {kNoSamples, kEvery}};
inline constexpr Words kNoWords = {{nullptr, nullptr}, {0, 0}};

// False, and the value left alone, for anything else; 0 and what does not fit in 60 bits are nothing else.
bool parse(const char *text, size_t length, const Words &words, uint64_t &value) noexcept;

}  // namespace heapmeter::quantity
