// SPDX-License-Identifier: MIT
//
// One whole operation each in the counters of a slot, in the order that vanished.h tells, or in the tally
// that says it in one. `usable` is the backend's word, 0 for a regular block.
#pragma once

#include "backend/allocator.h"
#include "books/meter.h"
#include "books/slot.h"

namespace heapmeter::counting {

// Whose the slot is: anybody's, or this thread's own, which changes by less than a headroom at a time. A
// change says whether the process's total was told.
struct Anybodys {
  static void add(Slot &slot, Counter &counter, uint64_t by) noexcept { heapmeter::add(slot, counter, by); }
  static bool change(Slot &slot, int64_t bytes) noexcept {
    meter.peak.change(slot, bytes);
    return true;
  }
};
struct Own {
  static void add(Slot &, Counter &counter, uint64_t by) noexcept { bump(counter, by); }
  static bool change(Slot &slot, int64_t bytes) noexcept {
    const bool grows = bytes > 0;
    const bool settles = grows ? peak::take(slot, static_cast<uint16_t>(bytes))
                               : peak::give(slot, static_cast<uint16_t>(-bytes));
    if (HEAPMETER_LIKELY(!settles)) return false;
    grows ? meter.peak.settle_under(slot) : meter.peak.settle_over(slot);
    return true;
  }
};

// Where a block of these bytes stands in the histogram. Returns what the fine bins do not say of its usable
// bytes.
template <typename Whose>
HEAPMETER_INLINE size_t count_bin(Slot &slot, size_t bytes, size_t usable, bool in) noexcept {
  Counters &counters = slot.counters;
  const bool large = bytes > kFineLimit;
  CoarseCell &coarse = counters.coarse[large ? coarse_bin(bytes) : 0];
  Cell &cell = large ? coarse.requested : counters.fine[fine_bin(static_cast<uint32_t>(bytes))];
  Whose::add(slot, in ? cell.bytes_in : cell.bytes_out, bytes);
  Whose::add(slot, in ? cell.blocks_in : cell.blocks_out, 1);
  if (usable == 0) return 0;
  if (large) {
    Whose::add(slot, in ? coarse.usable_in : coarse.usable_out, usable);
    return usable;
  }
  const size_t beyond = usable - backend::class_bytes(bytes);
  Whose::add(slot, in ? counters.extra_usable_in : counters.extra_usable_out, beyond);
  return beyond;
}

// Whether the process's total was told.
template <typename Whose>
HEAPMETER_INLINE bool in(Slot &slot, AllocationKind kind, size_t bytes, size_t usable) noexcept {
  Counters &counters = slot.counters;
  const size_t noted = count_bin<Whose>(slot, bytes, usable, true);
  const bool told = Whose::change(slot, static_cast<int64_t>(bytes));
  Whose::add(slot, counters.allocations[static_cast<size_t>(kind)], 1);
  Whose::add(slot, counters.allocated_bytes, bytes);
  if (noted != 0) Whose::add(slot, counters.noted_usable_in, noted);
  return told;
}

// The same of a regular block that the slow way made: where it has a tally, as the fast way says it, so that
// who makes few blocks writes to no page of the slot for the first of them alone.
inline void in_regular(Slot &slot, AllocationKind kind, size_t bytes) noexcept {
  const size_t tally = tally_of(kind);
  if (tally >= kTalliedAllocations || bytes > kTallyLimit) {
    in<Anybodys>(slot, kind, bytes, 0);
    return;
  }
  Anybodys::add(slot, slot.counters.tallies[tally][bytes].in, 1);
  Anybodys::change(slot, static_cast<int64_t>(bytes));
}

// Whether the process's total was told.
template <typename Whose>
HEAPMETER_INLINE bool out(Slot &slot, FreeKind kind, size_t bytes, size_t usable) noexcept {
  Counters &counters = slot.counters;
  const size_t noted = count_bin<Whose>(slot, bytes, usable, false);
  const bool told = Whose::change(slot, -static_cast<int64_t>(bytes));
  Whose::add(slot, counters.frees[static_cast<size_t>(kind)], 1);
  Whose::add(slot, counters.freed_bytes, bytes);
  if (noted != 0) Whose::add(slot, counters.noted_usable_out, noted);
  return told;
}

// A block of `from` bytes has `to` now, elsewhere or where it was.
struct Resize {
  size_t from, usable_from, to, usable_to;
  bool elsewhere;
};
template <typename Whose>
HEAPMETER_INLINE bool move(Slot &slot, const Resize &resize) noexcept {
  Counters &counters = slot.counters;
  const auto [from, usable_from, to, usable_to, elsewhere] = resize;
  const size_t noted_in = count_bin<Whose>(slot, to, usable_to, true);
  const size_t noted_out = count_bin<Whose>(slot, from, usable_from, false);
  const bool told = Whose::change(slot, static_cast<int64_t>(to - from));
  Whose::add(slot, counters.reallocations, 1);
  Whose::add(slot, counters.allocated_bytes, to);
  if (noted_in != 0) Whose::add(slot, counters.noted_usable_in, noted_in);
  Whose::add(slot, counters.freed_bytes, from);
  if (noted_out != 0) Whose::add(slot, counters.noted_usable_out, noted_out);
  if (to > from) Whose::add(slot, counters.reallocations_grown, 1);
  if (to < from) Whose::add(slot, counters.reallocations_shrunk, 1);
  if (elsewhere) Whose::add(slot, counters.reallocations_moved, 1);
  return told;
}

}  // namespace heapmeter::counting
