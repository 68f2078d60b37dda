// SPDX-License-Identifier: MIT
#include "books/sums.h"

#include <string.h>

#include "backend/allocator.h"
#include "base/compiler.h"
#include "books/sampling.h"

namespace heapmeter {
namespace {

template <typename Kind, size_t kKinds>
void add_side(SideSum<kKinds> &sum, const Counters &counters, const Side &side,
              Counter (Counters::*calls)[kKinds], const ClassBytes &class_bytes) noexcept {
  for (size_t kind = 0; kind < kKinds; ++kind) {
    sum.by_kind[kind] += read((counters.*calls)[kind]);
    const size_t tally = tally_of(static_cast<Kind>(kind));
    if (tally >= side.tallies) continue;
    for_each_bin((counters.*side.tally)(tally), [&](size_t bin, uint64_t blocks, uint64_t bytes) {
      sum.by_kind[kind] += blocks;
      sum.bytes += bytes;
      sum.usable += blocks * class_bytes[bin];
    });
  }
  sum.bytes += read(counters.*side.all_bytes);
  for (size_t bin = 0; bin < kFineBins; ++bin) {
    sum.usable += read(counters.fine[bin].*side.blocks) * class_bytes[bin];
  }
  for (const CoarseCell &cell : counters.coarse) sum.usable += read(cell.*side.usable);
  sum.usable += read(counters.*side.extra_usable);
}

void add(FreedSum &sum, const Slot &slot, const ClassBytes &class_bytes) noexcept {
  add_side<FreeKind>(sum, slot.counters, kOut, &Counters::frees, class_bytes);
}

void add(AllocatedSum &sum, const Slot &slot, const ClassBytes &class_bytes) noexcept {
  add_side<AllocationKind>(sum, slot.counters, kIn, &Counters::allocations, class_bytes);
}

void add(EventSums &sum, const Slot &slot) noexcept {
  for (size_t event = 0; event < kEventKinds; ++event) {
    sum.of[event] += read(slot.counters.*kEvents[event].counter);
  }
}

void add_cell(Cell &sum, const Cell &cell, const Side &side) noexcept {
  sum.*side.blocks += read(cell.*side.blocks);
  sum.*side.bytes += read(cell.*side.bytes);
}

void add_bins(Bins &sum, const Slot &slot, const Side &side) noexcept {
  const Counters &counters = slot.counters;
  for (size_t tally = 0; tally < side.tallies; ++tally) {
    for_each_bin((counters.*side.tally)(tally), [&](size_t bin, uint64_t blocks, uint64_t bytes) {
      sum.fine[bin].*side.blocks += blocks;
      sum.fine[bin].*side.bytes += bytes;
    });
  }
  for (size_t bin = 0; bin < kFineBins; ++bin) add_cell(sum.fine[bin], counters.fine[bin], side);
  for (size_t bin = 0; bin < kCoarseBins; ++bin) {
    add_cell(sum.coarse[bin].requested, counters.coarse[bin].requested, side);
    sum.coarse[bin].*side.usable += read(counters.coarse[bin].*side.usable);
  }
}

template <size_t kCount>
uint64_t sum_of(const Counter (&counters)[kCount]) noexcept {
  uint64_t sum = 0;
  for (const Counter &counter : counters) sum += read(counter);
  return sum;
}

Activity activity_of(const Slot &slot) noexcept {
  const Counters &counters = slot.counters;
  // Those that end a call in counting.h are among them: so what else it counted is seen with it.
  uint64_t calls = sum_of(counters.allocations) + sum_of(counters.frees);
  for (size_t tally = 0; tally < kTalliedAllocations; ++tally) calls += read(counters.tally_in(tally)[0]);
  for (size_t tally = 0; tally < kTalliedFrees; ++tally) calls += read(counters.tally_out(tally)[0]);
  calls += read(counters.allocated_bytes) + read(counters.freed_bytes) + read(counters.reallocations);
  return {calls,
          load_whole(slot.until_sample),
          load_whole(slot.granted),
          load_whole(slot.mark),
          load_whole(slot.reserve),
          load_whole(slot.headroom)};
}

// Whether these are sums of a moment at which no call was half counted.
bool whole(const Activity &then, uint64_t allocated_bytes, uint64_t freed_bytes) noexcept {
  return sampling::taken(then.granted, then.until_sample) == allocated_bytes &&
         then.mark - then.reserve - then.headroom == allocated_bytes - freed_bytes;
}

// Whether nobody has it.
bool take(KeptSums &kept) noexcept {
  KeptSums::Use before;
  KeptSums::Use mine = KeptSums::Use::kTaken;
  __atomic_exchange(&kept.use, &mine, &before, __ATOMIC_ACQUIRE);
  return before != KeptSums::Use::kTaken;
}

}  // namespace

template <size_t kKinds>
uint64_t SideSum<kKinds>::blocks() const noexcept {
  uint64_t sum = 0;
  for (const uint64_t of_kind : by_kind) sum += of_kind;
  return sum;
}

template <size_t kKinds>
SideSum<kKinds> &SideSum<kKinds>::operator+=(const SideSum &other) noexcept {
  bytes += other.bytes;
  usable += other.usable;
  for (size_t kind = 0; kind < kKinds; ++kind) by_kind[kind] += other.by_kind[kind];
  return *this;
}

template struct SideSum<kFreeKinds>;
template struct SideSum<kAllocationKinds>;

EventSums &EventSums::operator+=(const EventSums &other) noexcept {
  for (size_t event = 0; event < kEventKinds; ++event) of[event] += other.of[event];
  return *this;
}

void KeptSums::forget(size_t groups_used) noexcept {
  use = Use::kFree;
  all.there = false;
  for (size_t group = 0; group < groups_used; ++group) groups[group].there = false;
}

template <typename SlotsKind>
ReadingOf<SlotsKind>::ReadingOf(SlotsKind &slots, KeptSums &kept) noexcept
    : slots_(slots), kept_(kept), has_kept_(take(kept)) {
  slots.note_reading();
  for (size_t bin = 0; bin < kFineBins; ++bin) {
    class_bytes_[bin] = static_cast<uint16_t>(backend::class_bytes(bin * kGranule));
  }
}

template <typename SlotsKind>
ReadingOf<SlotsKind>::~ReadingOf() noexcept {
  if (has_kept_) store_release(kept_.use, KeptSums::Use::kFree);
}

// What is kept of the group, summed anew if an owner changed; null when another reading has the use of it,
// when there is nothing to keep, or when an owner changes meanwhile.
template <typename SlotsKind>
const KeptSums::Group *ReadingOf<SlotsKind>::keep(size_t at) noexcept {
  if (!has_kept_) return nullptr;
  KeptSums::Group &group = kept_.groups[at];
  const uint64_t changes = slots_.changes(at);
  if (group.there && group.changes == changes) return &group;
  // A slot that is taken after this changes what is looked at in the end.
  const uint64_t free = slots_.used_of(at) & ~slots_.owned_of(at);
  if (free == 0) {
    // Most programs never have a free slot: this memory is then not written.
    if (group.there) group.there = false;
    return nullptr;
  }
  group = {true, changes, free, {}};
  each_in(at, free, [&](const Slot &slot) {
    add(group.sums.freed, slot, class_bytes_);  // first: see counters.h
    add(group.sums.allocated, slot, class_bytes_);
    add(group.sums.events, slot);
  });
  group.there = slots_.changes(at) == changes;
  return group.there ? &group : nullptr;
}

// Whether the histogram of all groups kept is there. A group's changes only grow, and while they stay, it is
// kept for good: the same number of groups with as many changes together are the same ones, unchanged.
template <typename SlotsKind>
bool ReadingOf<SlotsKind>::keep_bins() noexcept {
  if (!has_kept_) return false;
  size_t groups = 0;
  uint64_t changes = 0;
  for (size_t at = 0; at < slots_.groups_used(); ++at) {
    const KeptSums::Group *group = keep(at);
    changes += group != nullptr ? group->changes : slots_.changes(at);
    groups += group != nullptr;
  }
  if (groups == 0) return false;
  KeptSums::AllBins &all = kept_.all;
  if (all.there && all.groups == groups && all.changes == changes) return true;
  memset(&all, 0, sizeof all);
  bool unchanged = true;
  for (size_t at = 0; at < slots_.groups_used(); ++at) {
    const KeptSums::Group &group = kept_.groups[at];
    if (!group.there) continue;
    each_in(at, group.slots, [&](const Slot &slot) {
      add_bins(all.bins, slot, kOut);
      add_bins(all.bins, slot, kIn);
    });
    unchanged = unchanged && slots_.changes(at) == group.changes;
  }
  all.there = unchanged;
  all.groups = groups;
  all.changes = changes;
  return unchanged;
}

template <typename SlotsKind>
void ReadingOf<SlotsKind>::bins(Bins &out) noexcept {
  const bool kept = keep_bins();
  if (kept) {
    memcpy(&out, &kept_.all.bins, sizeof out);
  } else {
    memset(&out, 0, sizeof out);
  }
  // With what is kept as it is, whatever changes meanwhile: else a slot could be in neither, or in both.
  const auto add_rest = [&](const Side &side) {
    const auto add_slot = [&](const Slot &slot) { add_bins(out, slot, side); };
    for (size_t at = 0; at < slots_.groups_used(); ++at) {
      const bool has = kept && kept_.groups[at].there;
      each_in(at, slots_.used_of(at) & ~(has ? kept_.groups[at].slots : 0), add_slot);
    }
    add_slot(slots_.shared);
  };
  add_rest(kOut);  // first: see counters.h
  add_rest(kIn);
}

template <typename SlotsKind>
const AtRest *ReadingOf<SlotsKind>::at_rest(Slot &slot) noexcept {
  if (!has_kept_ || !load_whole(slot.own)) return nullptr;
  AtRest &rest = slot.at_rest;
  const Activity now = activity_of(slot);
  if (rest.then != now) {
    store_whole(rest.there, false);
    rest.then = now;
    return nullptr;
  }
  if (rest.there) return &rest;
  rest.freed = {};
  rest.allocated = {};
  add(rest.freed, slot, class_bytes_);
  add(rest.allocated, slot, class_bytes_);
  if (!whole(now, rest.allocated.bytes, rest.freed.bytes) || activity_of(slot) != now) return nullptr;
  // A fork between these leaves the child none, or all of it.
  __atomic_store_n(&rest.there, true, __ATOMIC_RELEASE);
  return &rest;
}

template <typename SlotsKind>
FreedSum ReadingOf<SlotsKind>::freed() noexcept {
  FreedSum sum{};
  each([&](const SlotSums &kept) { sum += kept.freed; },
       [&](Slot &slot) {
         if (const AtRest *rest = at_rest(slot)) {
           sum += rest->freed;
         } else {
           add(sum, slot, class_bytes_);
         }
       });
  return sum;
}

template <typename SlotsKind>
AllocatedSum ReadingOf<SlotsKind>::allocated() noexcept {
  AllocatedSum sum{};
  each([&](const SlotSums &kept) { sum += kept.allocated; },
       [&](Slot &slot) {
         if (const AtRest *rest = at_rest(slot)) {
           sum += rest->allocated;
         } else {
           add(sum, slot, class_bytes_);
         }
       });
  return sum;
}

template <typename SlotsKind>
EventSums ReadingOf<SlotsKind>::events() noexcept {
  EventSums sum{};
  each([&](const SlotSums &kept) { sum += kept.events; }, [&](const Slot &slot) { add(sum, slot); });
  return sum;
}

template <typename SlotsKind>
ThreadTotals ReadingOf<SlotsKind>::totals_of(const SlotSums &sums) noexcept {
  return {sums.allocated.blocks(), sums.freed.blocks(), sums.events.of[0], sums.allocated.bytes,
          sums.freed.bytes};
}

template <typename SlotsKind>
ThreadTotals ReadingOf<SlotsKind>::totals_of(Slot &slot) noexcept {
  const AtRest *rest = at_rest(slot);
  if (rest == nullptr) return slot.totals();
  return {rest->allocated.blocks(), rest->freed.blocks(), read(slot.counters.reallocations),
          rest->allocated.bytes, rest->freed.bytes};
}

template class ReadingOf<Slots>;

}  // namespace heapmeter
