// SPDX-License-Identifier: MIT
//
// Slots: who owns which counters.
//
// A slot is owned by one living thread, its only writer, or free for the next thread, which goes on adding to
// the same totals: nothing is ever folded, so nothing can be lost or counted twice. Slots are never unmapped.
// Frees after a thread's slot is gone, and threads beyond kMaxSlots, write to one shared slot, atomically.
// Nothing here takes a lock, so a fork cannot leave one held and a signal handler cannot meet one.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/counters.h"

namespace heapmeter {

// What a thread had counted by some moment.
struct ThreadTotals {
  uint64_t allocations;
  uint64_t frees;
  uint64_t reallocations;
  uint64_t allocated_bytes;
  uint64_t freed_bytes;

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
  bool shared;
  bool alone;  // nobody else has counted yet, as far as the owner knows
  int tid;
  uint64_t reserve;
  uint64_t mark;
  uint64_t flushed;
  ThreadTotals base;  // the totals when the present owner took over
  Counters counters;
};

namespace slots {

inline constexpr size_t kSlab = 16;
inline constexpr size_t kMaxSlots = 65536;

// The slot for all who have none of their own.
extern HEAPMETER_HIDDEN Slot shared;

// A slot for the calling thread, now its only writer; nullptr when there is none to be had.
Slot *acquire(int tid) noexcept;
// Makes sure that it is the caller's: a fork in a signal handler may have freed it while it was being
// acquired.
void keep(Slot *slot) noexcept;
// Gives it to whoever comes next. The caller writes no more.
void release(Slot *slot) noexcept;
// In a forked child: frees all slots but the caller's; their threads do not exist here.
void keep_only(Slot *mine) noexcept;

// Every slot ever used, the shared one last; nullptr ends.
Slot *next(size_t &cursor) noexcept;
bool owned(const Slot *slot) noexcept;
size_t owned_count() noexcept;
// Every slab mapped, kSlab slots long; nullptr ends.
const Slot *next_slab(size_t &cursor) noexcept;
size_t mapped_bytes() noexcept;

// All that was ever counted in the slot, whoever owned it.
ThreadTotals totals(const Slot &slot) noexcept;

}  // namespace slots
}  // namespace heapmeter
