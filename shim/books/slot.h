// SPDX-License-Identifier: MIT
//
// The counters of one thread, and what else the meter notes of it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/at_rest.h"
#include "books/counters.h"

namespace heapmeter {

// What a thread had counted by some moment.
struct ThreadTotals {
  uint64_t allocations;
  uint64_t frees;
  uint64_t reallocations;
  uint64_t allocated_bytes;
  uint64_t freed_bytes;

  ThreadTotals read_whole() const noexcept;
  ThreadTotals &operator+=(const ThreadTotals &other) noexcept;
  ThreadTotals &operator-=(const ThreadTotals &other) noexcept;
};

// All that is read through a thread's initial slot, which has nothing else: see thread_state.h.
struct SlotHead {
  uint8_t *const *directory = nullptr;
};

struct alignas(64) Slot : SlotHead {
  // Bytes this thread may still hold more before it must look at the peak: see peak.h.
  uint16_t headroom;
  bool own;    // one thread's at a time; any thread writes to the others, atomically
  bool alone;  // nobody else has counted yet, as far as the owner knows
  int tid;
  uint64_t until_sample;  // bytes that this thread may still allocate before one is sampled: see sampling.h
  uint64_t reserve;
  uint64_t mark;
  uint64_t flushed;
  ThreadTotals base;  // the totals when the present owner took over
  uint32_t moment;    // of the total's, when the call under way was noted at its site: see total.h
  uint32_t turn;      // odd while a new owner notes what is before this
  void *attribution;  // what sites keep of this slot's thread
  uint64_t granted;   // by all that until_sample was set to: less that, what was taken from it
  uint64_t owner;     // its turn and tid, while it may be asked whether it is still there: see deserted.h
  AtRest at_rest;
  Counters counters;

  // All that was ever counted in it, whoever owned it.
  ThreadTotals totals() const noexcept;
};

// Of a slot that may be anybody's.
inline void add(Slot &slot, Counter &counter, uint64_t by) noexcept {
  if (slot.own) {
    bump(counter, by);
  } else {
    bump_shared(counter, by);
  }
}

}  // namespace heapmeter
