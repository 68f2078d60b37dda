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
  constexpr Hidden() noexcept = default;
  explicit constexpr Hidden(When when) noexcept : when_(when) {}

  // About so long, a part at least. Whether all was looked at.
  bool look(Findings &findings, uint64_t nanoseconds) noexcept;

 private:
  static constexpr int kRounds = 2;  // afterwards

  int round_ = 0;
  size_t at_ = 0;       // area of this round
  uintptr_t done_ = 0;  // bytes of it
  When when_ = When::kBefore;
};

// What of a process an image of it has not got, by that image's findings: what was hidden from it, or is new
// since. False where there is no room for all.
bool add_absent(const AddressSpace &process, const Findings &image, Area *out, size_t &count) noexcept;
// What was looked at before and is gone since was not, for what is there later is not the same:
// something of ours, for one.
void drop_gone(Findings &findings, const AddressSpace &space, Area ours) noexcept;
// To be looked at before, what of that is new since it was last asked for. Whether there is any.
bool add_new(Findings &findings, const AddressSpace &space) noexcept;
// Likewise what is shared now; but for the last findings.
void add_shared(Findings &findings, const AddressSpace &space, const Findings *last) noexcept;
// Hidden when the image was made, and not looked at before: what was there may have left it by now.
uint64_t unseen_bytes(const Findings &findings) noexcept;

}  // namespace heapmeter::leaks
