// SPDX-License-Identifier: MIT
//
// The highest live bytes, without a shared counter on the fast path.
//
// Each slot has a 16-bit headroom: an allocation takes its size from it, a free gives it back; when it runs
// under or over, the thread comes here. The slot's own live bytes are always mark - reserve - headroom. Then
// the thread adds to the process's total what it holds more, or less, than it added so far (`flushed`). The
// total is only ever added to, and each sum is compared with the highest.
//  - Who counts first counts alone until a second thread joins: meanwhile the mark is the highest live bytes,
//    exact to the byte.
//  - From the second thread on, each comes here when it has grown or shrunk by 32 KiB, so it can hide up to
//    that in either direction; the first one up to 64 KiB, until it notices that it is not alone. The sum of
//    that over the most threads there were is how far the highest total may be off, in either direction; what
//    is known for certain narrows it.
#pragma once

#include "books/pauses.h"
#include "books/slot.h"
#include "books/total.h"

namespace heapmeter {

namespace peak {

// True when the slot must be brought in order, by settle_*.
HEAPMETER_INLINE bool take(Slot &slot, uint16_t bytes) noexcept {
#if defined(__x86_64__)
  // One instruction, where the compiler makes three.
  bool under;
  asm volatile("subw %2, %0" : "+m"(slot.headroom), "=@ccc"(under) : "r"(bytes));
  return under;
#else
  uint16_t left = load_whole(slot.headroom);  // which readings look at, too: see at_rest.h
  const bool under = __builtin_sub_overflow(left, bytes, &left);
  store_whole(slot.headroom, left);
  return under;
#endif
}
HEAPMETER_INLINE bool give(Slot &slot, uint16_t bytes) noexcept {
#if defined(__x86_64__)
  bool over;
  asm volatile("addw %2, %0" : "+m"(slot.headroom), "=@ccc"(over) : "r"(bytes));
  return over;
#else
  uint16_t left = load_whole(slot.headroom);
  const bool over = __builtin_add_overflow(left, bytes, &left);
  store_whole(slot.headroom, left);
  return over;
#endif
}

// What the slot's thread holds by the marks above, once nothing of it is being counted.
inline int64_t noted(const Slot &slot) noexcept {
  return static_cast<int64_t>(slot.mark - slot.reserve) - slot.headroom;
}

}  // namespace peak

template <typename Pauses>
class PeakWith {
 public:
  // The owner of the slot is about to count; so many threads own slots now, it too.
  void join(Slot &slot, size_t owners) noexcept;
  // The owner of the slot leaves; its live bytes stay in the total.
  void leave(Slot &slot) noexcept;

  // After take() or give() said so.
  void settle_under(Slot &slot) noexcept;
  void settle_over(Slot &slot) noexcept;
  // For sizes of any magnitude, in place of take() and give(): the live bytes of the slot's thread change by
  // this.
  void change(Slot &slot, int64_t bytes) noexcept;

  // In a forked child, where only the caller counts: unless it was alone before, the total starts anew, and
  // every slot brings what it holds.
  bool is_alone(const Slot *slot) const noexcept;
  void start_anew() noexcept;
  void bring(Slot &slot, int64_t live) noexcept;

  // Live bytes of the process, as exact as the peak.
  int64_t live() const noexcept;
  // The slot's owner counted something: as long as it counts alone the total is told of what nobody else
  // knows.
  void saw_by(const Slot &slot) noexcept {
    if (slot.alone && !many()) total_.saw(peak::noted(slot));
  }
  // The highest so far is one of these, with both ends; they only grow.
  struct Range {
    uint64_t least, most;
  };
  Range range() noexcept;
  // So many bytes were live at some moment: the peak is not below it.
  void saw(uint64_t live_bytes) noexcept;

  // Of all threads, with the moments at which it was highest.
  constexpr Total &total() noexcept { return total_; }
  // So far the total may be off at any moment.
  uint64_t hidden() const noexcept;

 private:
  HEAPMETER_INLINE bool many() const noexcept {
    Pauses::pause();
    return __atomic_load_n(&many_, __ATOMIC_ACQUIRE);
  }
  void add(Slot &slot, int64_t live) noexcept;
  void settle(Slot &slot, int64_t headroom) noexcept;
  void settle_alone(Slot &slot, int64_t headroom) noexcept;
  void raise(uint64_t &maximum, uint64_t value) noexcept;

  Slot *first_ = nullptr;  // who counted first
  bool many_ = false;      // anybody else counted
  Total total_;
  uint64_t highest_ = 0;  // of all totals
  uint64_t surely_ = 0;   // live at some moment
  uint64_t most_threads_ = 0;
};

using Peak = PeakWith<NoPauses>;
extern template class PeakWith<NoPauses>;

}  // namespace heapmeter
