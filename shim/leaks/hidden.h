// SPDX-License-Identifier: MIT
//
// What the process has and its image has not: the process itself looks there, a part at a time, for words
// that may point into the heap.
#pragma once

#include "leaks/findings.h"

namespace heapmeter::leaks {

// For the image, where it may point into the heap.
void keep_word(Findings &findings, uint64_t word) noexcept;

class Hidden {
 public:
  // About so long. Whether all was looked at.
  bool look(Findings &findings, uint64_t nanoseconds) noexcept;

 private:
  size_t at_ = 0;
  uintptr_t next_ = 0;
};

}  // namespace heapmeter::leaks
