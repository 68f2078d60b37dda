// SPDX-License-Identifier: MIT
#include "books/snapshot.h"

#include <heapmeter/protocol.h>
#include <string.h>

#include "backend/allocator.h"
#include "base/compiler.h"
#include "base/memory_use.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/meter.h"
#include "books/side.h"

namespace heapmeter::snapshot {
namespace {

// Freed meanwhile: beyond this a reading is taken again, some times.
constexpr uint64_t kSkewBytes = 64 * 1024;
constexpr int kTries = 8;
constexpr uint64_t kCostFreshNs = HEAPMETER_METER_BYTES_AGE_MS * uint64_t{1'000'000};

// Usable bytes of a fresh block, by fine bin.
using ClassBytes = uint16_t[kFineBins];

// What all slots say of one side.
template <size_t kKinds>
struct Sum {
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  uint64_t usable = 0;
  uint64_t by_kind[kKinds] = {};
};

template <typename Kind, size_t kKinds, size_t kTallied>
Sum<kKinds> sum_side(const Side &side, Counter (Counters::*calls)[kKinds],
                     Tally (Counters::*tallies)[kTallied], const ClassBytes &class_bytes) noexcept {
  Sum<kKinds> sum;
  size_t cursor = 0;
  while (const Slot *slot = meter.slots.next(cursor)) {
    const Counters &counters = slot->counters;
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
  for (uint64_t of_kind : sum.by_kind) sum.blocks += of_kind;
  return sum;
}

auto sum_freed(const ClassBytes &class_bytes) noexcept {
  return sum_side<FreeKind>(kOut, &Counters::frees, &Counters::tallies_out, class_bytes);
}

auto sum_allocated(const ClassBytes &class_bytes) noexcept {
  return sum_side<AllocationKind>(kIn, &Counters::allocations, &Counters::tallies_in, class_bytes);
}

void sum_events(heapmeter_snapshot &out) noexcept {
  size_t cursor = 0;
  while (const Slot *slot = meter.slots.next(cursor)) {
    const Counters &counters = slot->counters;
    out.reallocations += read(counters.reallocations);
    out.reallocations_grown += read(counters.reallocations_grown);
    out.reallocations_shrunk += read(counters.reallocations_shrunk);
    out.reallocations_moved += read(counters.reallocations_moved);
    out.failures += read(counters.failures);
    out.mismatches += read(counters.mismatches);
    out.size_mismatches += read(counters.size_mismatches);
    out.double_frees += read(counters.double_frees);
    out.foreign_frees += read(counters.foreign_frees);
  }
}

// What was freed before the allocations were summed makes live too large by what was freed meanwhile, what
// was freed after it never does: live is above the peak only if the latter leaves so much.
uint64_t choose_freed(uint64_t before, uint64_t after, uint64_t allocated, uint64_t most_live) noexcept {
  if (allocated - before <= most_live) return before;
  const uint64_t freed = allocated - most_live;
  return freed < after ? freed : after;
}

// The middle of what it may be. No more was live than was ever allocated.
void set_peak(heapmeter_snapshot &out, Peak::Range range, uint64_t allocated) noexcept {
  if (range.most > allocated) range.most = range.least > allocated ? range.least : allocated;
  out.peak_error_bytes = (range.most - range.least + 1) / 2;
  out.peak_bytes = range.most - out.peak_error_bytes;
}

void sum_books(heapmeter_snapshot &out) noexcept {
  ClassBytes class_bytes;
  for (size_t bin = 0; bin < kFineBins; ++bin) {
    class_bytes[bin] = static_cast<uint16_t>(backend::class_bytes(bin * kGranule));
  }
  auto freed = sum_freed(class_bytes);
  auto allocated = sum_allocated(class_bytes);
  auto after = sum_freed(class_bytes);
  for (int tries = 1; tries < kTries && after.bytes - freed.bytes > kSkewBytes; ++tries) {
    freed = after;
    allocated = sum_allocated(class_bytes);
    after = sum_freed(class_bytes);
  }
  // Live for certain, when the last of the allocations was summed.
  if (allocated.bytes > after.bytes) meter.peak.saw(allocated.bytes - after.bytes);
  set_peak(out, meter.peak.range(), allocated.bytes);
  out.allocated_bytes = allocated.bytes;
  out.freed_bytes = choose_freed(freed.bytes, after.bytes, allocated.bytes, out.peak_bytes);
  out.live_bytes = out.allocated_bytes - out.freed_bytes;
  out.usable_bytes = allocated.usable - freed.usable;
  out.allocations = allocated.blocks;
  out.frees = freed.blocks;
  out.live_blocks = out.allocations - out.frees;
  memcpy(out.allocations_by_kind, allocated.by_kind, sizeof allocated.by_kind);
  memcpy(out.frees_by_kind, freed.by_kind, sizeof freed.by_kind);
}

void add_cell(Cell &sum, const Cell &cell, const Side &side) noexcept {
  sum.*side.blocks += read(cell.*side.blocks);
  sum.*side.bytes += read(cell.*side.bytes);
}

template <size_t kTallied>
void add_bins(Bins &out, const Side &side, Tally (Counters::*tallies)[kTallied]) noexcept {
  size_t cursor = 0;
  while (const Slot *slot = meter.slots.next(cursor)) {
    const Counters &counters = slot->counters;
    for (const Tally &tally : counters.*tallies) {
      for_each_bin(tally, [&](size_t bin, uint64_t blocks, uint64_t bytes) {
        out.fine[bin].*side.blocks += blocks;
        out.fine[bin].*side.bytes += bytes;
      });
    }
    for (size_t bin = 0; bin < kFineBins; ++bin) add_cell(out.fine[bin], counters.fine[bin], side);
    for (size_t bin = 0; bin < kCoarseBins; ++bin) {
      add_cell(out.coarse[bin].requested, counters.coarse[bin].requested, side);
      out.coarse[bin].*side.usable += read(counters.coarse[bin].*side.usable);
    }
  }
}

// Resident memory, asked of the kernel page by page: too dear for each of a hundred readings a second.
struct MeterCost {
  uint64_t asked_ns;
  size_t ledger;
  size_t slots;
  size_t service;
};
constinit MeterCost known = {};

void ask_meter_cost() noexcept {
  const uint64_t now_ns = sys::monotonic_ns();
  const uint64_t asked_ns = __atomic_load_n(&known.asked_ns, __ATOMIC_ACQUIRE);
  if (asked_ns != 0 && now_ns - asked_ns < kCostFreshNs) return;
  store_whole(known.ledger, ledger::resident_bytes());
  store_whole(known.slots, meter.slots.resident_bytes());
  store_whole(known.service, sys::resident_bytes(memory_use::service.start, memory_use::service.bytes));
  __atomic_store_n(&known.asked_ns, now_ns, __ATOMIC_RELEASE);
}

}  // namespace

void take(heapmeter_snapshot &out) noexcept {
  memset(&out, 0, sizeof out);
  out.size = sizeof out;
  out.version = HEAPMETER_ABI_VERSION;
  sum_books(out);
  sum_events(out);
  out.threads = meter.slots.owned_count();
  ask_meter_cost();
  out.meter_ledger_bytes = load_whole(known.ledger);
  out.meter_slot_bytes = load_whole(known.slots);
  out.meter_other_bytes = load_whole(known.service);
  out.meter_bytes = out.meter_ledger_bytes + out.meter_slot_bytes + out.meter_other_bytes;
}

void take_bins(Bins &out) noexcept {
  memset(&out, 0, sizeof out);
  add_bins(out, kOut, &Counters::tallies_out);  // first: see counters.h
  add_bins(out, kIn, &Counters::tallies_in);
}

bool copy_out(const void *from, size_t from_bytes, void *to, size_t to_bytes) noexcept {
  if (to == nullptr || to_bytes < 2 * sizeof(uint32_t)) return false;
  const size_t shared = from_bytes < to_bytes ? from_bytes : to_bytes;
  memcpy(to, from, shared);
  memset(static_cast<char *>(to) + shared, 0, to_bytes - shared);
  const auto filled = static_cast<uint32_t>(shared);
  memcpy(to, &filled, sizeof filled);
  return true;
}

}  // namespace heapmeter::snapshot
