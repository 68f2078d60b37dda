// SPDX-License-Identifier: MIT
//
// The highest live bytes, without a shared counter on the fast path.
//
// Each slot has a 16-bit headroom: an allocation takes its size from it, a free gives it back; when it runs
// under or over, the thread comes here. The slot's own live bytes are always mark - reserve - headroom.
//  - While the process has had one thread only, the mark is the highest live bytes, exact to the byte.
//  - From the second thread on, a thread adds what it holds more, or less, to the process's total each time
//  that
//    has grown or shrunk by 32 KiB; the peak is the highest total. Each thread can hide up to 32 KiB in
//    either direction, the first one up to 64 KiB once; error_bytes() is the sum of that over the most
//    threads there were.
#pragma once

#include "books/slots.h"

namespace heapmeter::peak {

// True when the slot must be brought in order, by settle_*.
HEAPMETER_INLINE bool take(Slot &slot, uint16_t bytes) noexcept {
#if defined(__x86_64__)
  // One instruction, where the compiler makes three.
  bool under;
  asm volatile("subw %2, %0" : "+m"(slot.headroom), "=@ccc"(under) : "r"(bytes));
  return under;
#else
  return __builtin_sub_overflow(slot.headroom, bytes, &slot.headroom);
#endif
}
HEAPMETER_INLINE bool give(Slot &slot, uint16_t bytes) noexcept {
#if defined(__x86_64__)
  bool over;
  asm volatile("addw %2, %0" : "+m"(slot.headroom), "=@ccc"(over) : "r"(bytes));
  return over;
#else
  return __builtin_add_overflow(slot.headroom, bytes, &slot.headroom);
#endif
}

// After take() or give() said so.
void settle_under(Slot &slot) noexcept;
void settle_over(Slot &slot) noexcept;
// For sizes of any magnitude, in place of take() and give(): the live bytes of the slot's thread change by
// this.
void change(Slot &slot, int64_t bytes) noexcept;

// What the slot's thread holds by the marks above, once nothing of it is being counted.
inline int64_t noted(const Slot &slot) noexcept {
  return static_cast<int64_t>(slot.mark - slot.reserve) - slot.headroom;
}

// A second thread is about to count: from here on the total is what counts. `slot` is the newcomer's.
void join(Slot &slot) noexcept;
// The owner of the slot leaves; its live bytes stay in the total.
void leave(Slot &slot) noexcept;
// In a forked child: the total made anew from what the slots say.
void rebase() noexcept;

// Live bytes of the process, as exact as the peak; the slot is the calling thread's.
int64_t live(const Slot &slot) noexcept;

// The highest so far, and how far it may be off.
uint64_t bytes() noexcept;
uint64_t error_bytes() noexcept;
// A reader saw this many live bytes: the peak is not below it.
void saw(uint64_t live_bytes) noexcept;

}  // namespace heapmeter::peak
