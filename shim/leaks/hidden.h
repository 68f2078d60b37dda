// SPDX-License-Identifier: MIT
//
// What of the process is not of the moment its image is of: memory that the image has not got, and memory
// that it shares. The process itself looks there, a part at a time, for words that may point into the heap.
// The program runs on meanwhile, moves a word from where was not looked yet to where was, as a garbage
// collector does, drops it, takes the memory away. So all that is known by then is looked at before the image
// is made, and what the image has not got twice afterwards, the second time from its end.
#pragma once

#include "leaks/address_space.h"
#include "leaks/findings.h"

namespace heapmeter::leaks {

// For the image, where it may point into the heap.
void keep_word(Findings &findings, uint64_t word) noexcept;

class Hidden {
 public:
  enum class When { kBefore, kAfter };
  explicit constexpr Hidden(When when = When::kBefore) noexcept : when_(when) {}

  // About so long, a part at least. Whether all was looked at.
  bool look(Findings &findings, uint64_t nanoseconds) noexcept;

 private:
  int round_ = 0;
  size_t at_ = 0;       // area of this round
  uintptr_t done_ = 0;  // bytes of it
  When when_;
};

// To be looked at before: what is shared now, and what was found to be hidden.
void add_shared(Findings &findings, const AddressSpace &space) noexcept;
// Once all that is hidden was looked at: of what of it that cannot have been, since it is gone.
void note_gone(Findings &findings, const AddressSpace &now) noexcept;

}  // namespace heapmeter::leaks
