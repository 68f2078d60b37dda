// SPDX-License-Identifier: MIT
//
// What all slots say together. A slot that nobody owns does not change, so the sum of such slots is kept from
// one reading to the next, for each group of neighbours: what thousands of threads once counted does not cost
// every reading their thousands of counters. Nor do threads that rest: see at_rest.h.
#pragma once

#include <heapmeter/heapmeter.h>

#include "books/side.h"
#include "books/side_sum.h"
#include "books/slots.h"

namespace heapmeter {

// Usable bytes of a fresh block, by fine bin.
using ClassBytes = uint16_t[kFineBins];

// What is counted beside blocks and bytes, and where a snapshot shows it.
struct Event {
  Counter Counters::*counter;
  uint64_t heapmeter_snapshot::*shown;
};
inline constexpr Event kEvents[] = {
    {&Counters::reallocations, &heapmeter_snapshot::reallocations},
    {&Counters::reallocations_grown, &heapmeter_snapshot::reallocations_grown},
    {&Counters::reallocations_shrunk, &heapmeter_snapshot::reallocations_shrunk},
    {&Counters::reallocations_moved, &heapmeter_snapshot::reallocations_moved},
    {&Counters::failures, &heapmeter_snapshot::failures},
    {&Counters::mismatches, &heapmeter_snapshot::mismatches},
    {&Counters::size_mismatches, &heapmeter_snapshot::size_mismatches},
    {&Counters::double_frees, &heapmeter_snapshot::double_frees},
    {&Counters::foreign_frees, &heapmeter_snapshot::foreign_frees},
    {&Counters::inner_frees, &heapmeter_snapshot::inner_frees},
};
inline constexpr size_t kEventKinds = sizeof kEvents / sizeof *kEvents;
static_assert(kEvents[0].counter == &Counters::reallocations);

// Each by its place in kEvents.
struct EventSums {
  uint64_t of[kEventKinds];

  EventSums &operator+=(const EventSums &other) noexcept;
};

struct SlotSums {
  FreedSum freed;
  AllocatedSum allocated;
  EventSums events;
};

// The histogram summed; large, for the service's own memory rather than a caller's stack.
struct Bins {
  Cell fine[kFineBins];
  CoarseCell coarse[kCoarseBins];
};

// The sums of slots that nobody owns, as the last reading found them. One reading at a time has the use of
// it.
struct KeptSums {
  struct Group {
    bool there;
    uint64_t changes;  // of the group's owners, when it was summed
    uint64_t slots;    // those in it, a bit each
    SlotSums sums;
  };
  // Of all groups that were there when their changes were so many together.
  struct AllBins {
    bool there;
    size_t groups;
    uint64_t changes;
    Bins bins;
  };
  // Not 0 once it was used: what the meter takes is told by pages that have anything in them.
  enum class Use : uint8_t { kNever, kFree, kTaken };
  Use use;
  AllBins all;
  Group groups[Slots::kGroups];

  // In a forked child, where whoever had it does not exist, and slots were mended.
  void forget(size_t groups_used) noexcept;
};

// One reading: each of its sums is taken when it is asked for.
template <typename SlotsKind>
class ReadingOf {
 public:
  ReadingOf(SlotsKind &slots, KeptSums &kept) noexcept;
  ~ReadingOf() noexcept;
  ReadingOf(const ReadingOf &) = delete;
  ReadingOf &operator=(const ReadingOf &) = delete;

  FreedSum freed() noexcept;
  AllocatedSum allocated() noexcept;
  EventSums events() noexcept;
  void bins(Bins &out) noexcept;

  // The row of each thread there is; what all others counted is returned.
  template <typename Visit>
  ThreadTotals each_thread(Visit visit) noexcept {
    ThreadTotals others{};
    each([&](const SlotSums &sums) { others += totals_of(sums); },
         [&](Slot &slot) {
           const Row row = slots_.row(slot, [&](const Slot &) { return totals_of(slot); });
           others += row.before;
           if (row.owned) visit(row);
         });
    return others;
  }

 private:
  // Calls visit_kept(sums) for the slots whose sums are kept, visit(slot) for each of the others.
  template <typename VisitKept, typename Visit>
  void each(VisitKept visit_kept, Visit visit) noexcept {
    for (size_t group = 0; group < slots_.groups_used(); ++group) {
      const KeptSums::Group *kept = keep(group);
      if (kept != nullptr) visit_kept(kept->sums);
      each_in(group, slots_.used_of(group) & ~(kept != nullptr ? kept->slots : 0), visit);
    }
    visit(slots_.shared);
  }

  template <typename Visit>
  void each_in(size_t group, uint64_t slots, Visit visit) noexcept {
    for (; slots != 0; slots &= slots - 1) {
      const auto place = static_cast<unsigned>(__builtin_ctzll(slots));
      if (Slot *slot = slots_.at(group * SlotsKind::kGroup + place)) visit(*slot);
    }
  }

  const KeptSums::Group *keep(size_t group) noexcept;
  const AtRest *at_rest(Slot &slot) noexcept;
  bool keep_bins() noexcept;
  static ThreadTotals totals_of(const SlotSums &sums) noexcept;
  ThreadTotals totals_of(Slot &slot) noexcept;

  SlotsKind &slots_;
  KeptSums &kept_;
  const bool has_kept_;
  ClassBytes class_bytes_;
};

using Reading = ReadingOf<Slots>;
extern template class ReadingOf<Slots>;

}  // namespace heapmeter
