// SPDX-License-Identifier: MIT
//
// When the next block of a thread is to be sampled: a number of bytes in its slot, which every allocation
// takes its size from. The thread alone takes from it; a new number may come from whoever switches sampling
// on or off, and may be lost to a thread that takes meanwhile: it is looked at again.
#pragma once

#include "books/slot.h"

namespace heapmeter::sampling {

// No thread allocates so much.
inline constexpr uint64_t kNever = uint64_t{1} << 63;
// What is drawn is less.
inline constexpr uint64_t kMostDrawn = uint64_t{1} << 62;

// Whether the byte that is sampled is one of the block's: the last that could be taken, or beyond. So what is
// left is never 0, which is what a slot starts with.
HEAPMETER_INLINE bool take(Slot &slot, uint64_t bytes) noexcept {
#if defined(__x86_64__) && !defined(HEAPMETER_SANITIZED)
  bool reached;
  asm volatile("subq %2, %0" : "+m"(slot.until_sample), "=@ccbe"(reached) : "r"(bytes));
  return reached;
#else
  const uint64_t before = load_whole(slot.until_sample);
  store_whole(slot.until_sample, before - bytes);
  return before <= bytes;
#endif
}

// A new number, of which who compares two readings hears even if the old one comes again.
inline void set(Slot &slot, uint64_t bytes) noexcept {
  bump_shared(slot.redrawn, 1);
  store_whole(slot.until_sample, bytes);
}

// Whether take() would say so.
HEAPMETER_INLINE bool is_due(const Slot &slot, uint64_t bytes) noexcept {
  return load_whole(slot.until_sample) <= bytes;
}

}  // namespace heapmeter::sampling
