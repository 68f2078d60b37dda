// SPDX-License-Identifier: MIT
//
// Addresses in machine code that the program makes itself (Java's, a regular expression's): they stand in its
// instructions, at any byte. Run after run, in order of addresses; the aligned words are others'.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace heapmeter::leaks {

class CodeWords {
 public:
  template <typename Each>
  void take(const uint64_t *words, size_t count, uintptr_t at, Each each) noexcept {
    if (count == 0) return;
    if (at == end_) between(last_, words[0], at - sizeof last_, each);
    for (size_t word = 0; word + 1 < count; ++word)
      between(words[word], words[word + 1], at + word * sizeof *words, each);
    last_ = words[count - 1];
    end_ = at + count * sizeof *words;
  }

 private:
  // Code has no tags in the bits that no address has, and most of what is read in between has something
  // there.
  template <typename Each>
  static void between(uint64_t low, uint64_t high, uintptr_t at, Each each) noexcept {
    constexpr unsigned kAddressBits = 47;
    for (unsigned byte = 1; byte < sizeof low; ++byte) {
      const uint64_t word = low >> 8 * byte | high << (64 - 8 * byte);
      if (word != 0 && word >> kAddressBits == 0) each(&word, 1, at + byte);
    }
  }

  uint64_t last_ = 0;
  uintptr_t end_ = 0;
};

}  // namespace heapmeter::leaks
