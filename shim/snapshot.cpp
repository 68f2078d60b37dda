// SPDX-License-Identifier: MIT
#include "snapshot.h"

#include <string.h>

#include "backend.h"
#include "ledger.h"
#include "memory_use.h"
#include "peak.h"

namespace heapmeter::snapshot {
namespace {

// Freed meanwhile: beyond this a reading is taken again, some times.
constexpr uint64_t kSkewBytes = 64 * 1024;
constexpr int kTries = 8;

// Usable bytes of a fresh block, by fine bin.
using ClassBytes = uint16_t[kFineBins];

// What all slots say of one direction.
struct Sum {
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  uint64_t usable = 0;
};

void add_tally(Sum &sum, uint64_t &of_kind, const Tally &tally, const ClassBytes &class_bytes) noexcept {
  uint64_t all = 0;
  for_each(tally, [&](size_t size, uint64_t blocks) {
    all += blocks;
    sum.bytes += blocks * size;
    sum.usable += blocks * class_bytes[fine_bin(static_cast<uint32_t>(size))];
  });
  of_kind += all;
}

struct Freed : Sum {
  uint64_t by_kind[kFreeKinds] = {};
};

Freed sum_freed(const ClassBytes &class_bytes) noexcept {
  Freed sum;
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    const Counters &counters = slot->counters;
    for (size_t kind = 0; kind < kFreeKinds; ++kind) {
      sum.by_kind[kind] += read(counters.frees[kind]);
      const size_t tally = tally_of(static_cast<FreeKind>(kind));
      if (tally < kTalliedFrees) add_tally(sum, sum.by_kind[kind], counters.tallies_out[tally], class_bytes);
    }
    sum.bytes += read(counters.freed_bytes);
    for (size_t bin = 0; bin < kFineBins; ++bin) {
      sum.usable += read(counters.fine[bin].blocks_out) * class_bytes[bin];
    }
    for (const CoarseCell &cell : counters.coarse) sum.usable += read(cell.usable_out);
    sum.usable += read(counters.extra_usable_out);
  }
  for (uint64_t frees : sum.by_kind) sum.blocks += frees;
  return sum;
}

struct Allocated : Sum {
  uint64_t by_kind[kAllocationKinds] = {};
};

Allocated sum_allocated(const ClassBytes &class_bytes) noexcept {
  Allocated sum;
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    const Counters &counters = slot->counters;
    for (size_t kind = 0; kind < kAllocationKinds; ++kind) {
      sum.by_kind[kind] += read(counters.allocations[kind]);
      const size_t tally = tally_of(static_cast<AllocationKind>(kind));
      if (tally < kTalliedAllocations) {
        add_tally(sum, sum.by_kind[kind], counters.tallies_in[tally], class_bytes);
      }
    }
    sum.bytes += read(counters.allocated_bytes);
    for (size_t bin = 0; bin < kFineBins; ++bin) {
      sum.usable += read(counters.fine[bin].blocks_in) * class_bytes[bin];
    }
    for (const CoarseCell &cell : counters.coarse) sum.usable += read(cell.usable_in);
    sum.usable += read(counters.extra_usable_in);
  }
  for (uint64_t allocations : sum.by_kind) sum.blocks += allocations;
  return sum;
}

void sum_events(heapmeter_snapshot &out) noexcept {
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
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

// Any number between what was freed before the allocations were summed and what was freed after it is a true
// one for some moment within the reading.
uint64_t choose_freed(uint64_t before, uint64_t allocated, uint64_t most_live) noexcept {
  const uint64_t live = allocated - before;
  return live > most_live ? allocated - most_live : before;
}

void sum_books(heapmeter_snapshot &out) noexcept {
  ClassBytes class_bytes;
  for (size_t bin = 0; bin < kFineBins; ++bin) {
    class_bytes[bin] = static_cast<uint16_t>(backend::class_bytes(bin * kGranule));
  }
  Freed freed = sum_freed(class_bytes);
  Allocated allocated;
  for (int tries = 0; tries < kTries; ++tries) {
    allocated = sum_allocated(class_bytes);
    const Freed after = sum_freed(class_bytes);
    if (after.bytes - freed.bytes <= kSkewBytes || tries + 1 == kTries) break;
    freed = after;
  }
  out.peak_error_bytes = peak::error_bytes();
  out.allocated_bytes = allocated.bytes;
  out.freed_bytes = choose_freed(freed.bytes, out.allocated_bytes, peak::bytes() + out.peak_error_bytes);
  out.live_bytes = out.allocated_bytes - out.freed_bytes;
  peak::saw(out.live_bytes);
  out.peak_bytes = peak::bytes();
  out.usable_bytes = allocated.usable - freed.usable;
  out.allocations = allocated.blocks;
  out.frees = freed.blocks;
  out.live_blocks = out.allocations - out.frees;
  memcpy(out.allocations_by_kind, allocated.by_kind, sizeof allocated.by_kind);
  memcpy(out.frees_by_kind, freed.by_kind, sizeof freed.by_kind);
}

void add_out(Cell &sum, const Cell &cell) noexcept {
  sum.blocks_out += read(cell.blocks_out);
  sum.bytes_out += read(cell.bytes_out);
}

void add_in(Cell &sum, const Cell &cell) noexcept {
  sum.blocks_in += read(cell.blocks_in);
  sum.bytes_in += read(cell.bytes_in);
}

Cell &cell_of(Bins &bins, size_t size) noexcept { return bins.fine[fine_bin(static_cast<uint32_t>(size))]; }

}  // namespace

void take(heapmeter_snapshot &out) noexcept {
  memset(&out, 0, sizeof out);
  out.size = sizeof out;
  out.version = HEAPMETER_ABI_VERSION;
  sum_books(out);
  sum_events(out);
  out.threads = slots::owned_count();
  out.meter_ledger_bytes = ledger::resident_bytes();
  out.meter_slot_bytes = slots::mapped_bytes();
  out.meter_other_bytes = memory_use::service_bytes();
  out.meter_bytes = out.meter_ledger_bytes + out.meter_slot_bytes + out.meter_other_bytes;
}

void take_bins(Bins &out) noexcept {
  memset(&out, 0, sizeof out);
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    const Counters &counters = slot->counters;
    for (const Tally &tally : counters.tallies_out) {
      for_each(tally, [&](size_t size, uint64_t blocks) {
        cell_of(out, size).blocks_out += blocks;
        cell_of(out, size).bytes_out += blocks * size;
      });
    }
    for (size_t bin = 0; bin < kFineBins; ++bin) add_out(out.fine[bin], counters.fine[bin]);
    for (size_t bin = 0; bin < kCoarseBins; ++bin) {
      add_out(out.coarse[bin].requested, counters.coarse[bin].requested);
      out.coarse[bin].usable_out += read(counters.coarse[bin].usable_out);
    }
  }
  cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    const Counters &counters = slot->counters;
    for (const Tally &tally : counters.tallies_in) {
      for_each(tally, [&](size_t size, uint64_t blocks) {
        cell_of(out, size).blocks_in += blocks;
        cell_of(out, size).bytes_in += blocks * size;
      });
    }
    for (size_t bin = 0; bin < kFineBins; ++bin) add_in(out.fine[bin], counters.fine[bin]);
    for (size_t bin = 0; bin < kCoarseBins; ++bin) {
      add_in(out.coarse[bin].requested, counters.coarse[bin].requested);
      out.coarse[bin].usable_in += read(counters.coarse[bin].usable_in);
    }
  }
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
