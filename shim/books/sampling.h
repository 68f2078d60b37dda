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

// A new number. What was granted tells of all bytes that were ever taken, whoever sets it; where a thread
// that takes meanwhile makes it vanish, that is wrong by more than any thread takes.
inline void set(Slot &slot, uint64_t bytes) noexcept {
  const uint64_t left = __atomic_exchange_n(&slot.until_sample, bytes, __ATOMIC_RELAXED);
  bump_shared(slot.granted, bytes - left);
}

// All bytes ever taken, of a thread that is not just taking some.
inline uint64_t taken(uint64_t granted, uint64_t until_sample) noexcept { return granted - until_sample; }

// For who leaves a block that is sampled to another way, which takes as if nobody had: false where one of its
// bytes is, and nothing is taken. To look first and take later would pass a new number that comes in between,
// and no block of that thread would be a sample again.
HEAPMETER_INLINE bool take_unsampled(Slot &slot, uint64_t bytes) noexcept {
  if (HEAPMETER_LIKELY(!take(slot, bytes))) return true;
  bump(slot.until_sample, bytes);
  // A signal handler that allocated amid the two took from what was less than nothing: the next is due.
  if (HEAPMETER_UNLIKELY(load_whole(slot.until_sample) > kNever)) set(slot, 1);
  return false;
}

}  // namespace heapmeter::sampling
