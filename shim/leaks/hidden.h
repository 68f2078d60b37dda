// SPDX-License-Identifier: MIT
//
// What the process has and its image has not: the process itself looks there, a part at a time, for words
// that may point into the heap. The program runs on meanwhile, and may move a word from where was not looked
// yet to where was, as a garbage collector does: so all is looked at twice, the second time from its end.
#pragma once

#include "leaks/findings.h"

namespace heapmeter::leaks {

// For the image, where it may point into the heap.
void keep_word(Findings &findings, uint64_t word) noexcept;

class Hidden {
 public:
  // About so long, a part at least. Whether all was looked at.
  bool look(Findings &findings, uint64_t nanoseconds) noexcept;

 private:
  static constexpr int kRounds = 2;

  int round_ = 0;
  size_t at_ = 0;       // area of this round
  uintptr_t done_ = 0;  // bytes of it
};

}  // namespace heapmeter::leaks
