// SPDX-License-Identifier: MIT
#include "books/sums.h"

#include "backend/allocator.h"

namespace heapmeter {
namespace {

template <typename Kind, size_t kKinds, size_t kTallied>
void add_side(SideSum<kKinds> &sum, const Counters &counters, const Side &side,
              Counter (Counters::*calls)[kKinds], Tally (Counters::*tallies)[kTallied],
              const ClassBytes &class_bytes) noexcept {
  for (size_t kind = 0; kind < kKinds; ++kind) {
    sum.by_kind[kind] += read((counters.*calls)[kind]);
    const size_t tally = tally_of(static_cast<Kind>(kind));
    if (tally >= kTallied) continue;
    for_each_bin((counters.*tallies)[tally], [&](size_t bin, uint64_t blocks, uint64_t bytes) {
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
  add_side<FreeKind>(sum, slot.counters, kOut, &Counters::frees, &Counters::tallies_out, class_bytes);
}

void add(AllocatedSum &sum, const Slot &slot, const ClassBytes &class_bytes) noexcept {
  add_side<AllocationKind>(sum, slot.counters, kIn, &Counters::allocations, &Counters::tallies_in,
                           class_bytes);
}

void add(EventSums &sum, const Slot &slot) noexcept {
  for (size_t event = 0; event < kEventKinds; ++event) {
    sum.of[event] += read(slot.counters.*kEvents[event].counter);
  }
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
  taken = false;
  for (size_t group = 0; group < groups_used; ++group) groups[group].there = false;
}

template <typename SlotsKind>
ReadingOf<SlotsKind>::ReadingOf(SlotsKind &slots, KeptSums &kept) noexcept
    : slots_(slots), kept_(kept), has_kept_(!__atomic_exchange_n(&kept.taken, true, __ATOMIC_ACQUIRE)) {
  for (size_t bin = 0; bin < kFineBins; ++bin) {
    class_bytes_[bin] = static_cast<uint16_t>(backend::class_bytes(bin * kGranule));
  }
}

template <typename SlotsKind>
ReadingOf<SlotsKind>::~ReadingOf() noexcept {
  if (has_kept_) __atomic_store_n(&kept_.taken, false, __ATOMIC_RELEASE);
}

// What is kept of the group, summed anew if an owner changed; null when another reading has the use of it,
// when there is nothing to keep, or when an owner changes meanwhile.
template <typename SlotsKind>
const KeptSums::Group *ReadingOf<SlotsKind>::keep(size_t at) noexcept {
  if (!has_kept_) return nullptr;
  const uint64_t changes = slots_.changes(at);
  // A slot that is taken after this changes what is looked at in the end.
  uint64_t free = slots_.used_of(at) & ~slots_.owned_of(at);
  // Most programs never have a free slot: this memory is then not touched.
  if (free == 0) return nullptr;
  KeptSums::Group &group = kept_.groups[at];
  if (group.there && group.changes == changes) return &group;
  group = {true, changes, free, {}};
  for (; free != 0; free &= free - 1) {
    const auto place = static_cast<unsigned>(__builtin_ctzll(free));
    const Slot *slot = slots_.at(at * SlotsKind::kGroup + place);
    if (slot == nullptr) continue;
    add(group.sums.freed, *slot, class_bytes_);  // first: see counters.h
    add(group.sums.allocated, *slot, class_bytes_);
    add(group.sums.events, *slot);
  }
  group.there = slots_.changes(at) == changes;
  return group.there ? &group : nullptr;
}

template <typename SlotsKind>
FreedSum ReadingOf<SlotsKind>::freed() noexcept {
  FreedSum sum{};
  each([&](const SlotSums &kept) { sum += kept.freed; },
       [&](const Slot &slot) { add(sum, slot, class_bytes_); });
  return sum;
}

template <typename SlotsKind>
AllocatedSum ReadingOf<SlotsKind>::allocated() noexcept {
  AllocatedSum sum{};
  each([&](const SlotSums &kept) { sum += kept.allocated; },
       [&](const Slot &slot) { add(sum, slot, class_bytes_); });
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

template class ReadingOf<Slots>;

}  // namespace heapmeter
