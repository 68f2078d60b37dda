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

struct Freed {
  uint64_t blocks;
  uint64_t bytes;
  uint64_t by_kind[kFreeKinds];
};

Freed sum_freed() noexcept {
  Freed sum{};
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    for (size_t kind = 0; kind < kFreeKinds; ++kind) sum.by_kind[kind] += read(slot->counters.frees[kind]);
    sum.bytes += read(slot->counters.freed_bytes);
  }
  for (uint64_t frees : sum.by_kind) sum.blocks += frees;
  return sum;
}

void sum_allocated(heapmeter_snapshot &out) noexcept {
  out.allocations = out.allocated_bytes = 0;
  memset(out.allocations_by_kind, 0, sizeof out.allocations_by_kind);
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    for (size_t kind = 0; kind < kAllocationKinds; ++kind) {
      out.allocations_by_kind[kind] += read(slot->counters.allocations[kind]);
    }
    out.allocated_bytes += read(slot->counters.allocated_bytes);
  }
  for (uint64_t allocations : out.allocations_by_kind) out.allocations += allocations;
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
  Freed freed = sum_freed();
  for (int tries = 0; tries < kTries; ++tries) {
    sum_allocated(out);
    const Freed after = sum_freed();
    if (after.bytes - freed.bytes <= kSkewBytes || tries + 1 == kTries) break;
    freed = after;
  }
  out.peak_error_bytes = peak::error_bytes();
  out.freed_bytes = choose_freed(freed.bytes, out.allocated_bytes, peak::bytes() + out.peak_error_bytes);
  out.live_bytes = out.allocated_bytes - out.freed_bytes;
  peak::saw(out.live_bytes);
  out.peak_bytes = peak::bytes();
  out.frees = freed.blocks;
  out.live_blocks = out.allocations - out.frees;
  memcpy(out.frees_by_kind, freed.by_kind, sizeof freed.by_kind);
}

// Usable bytes of all blocks that came, or of all that went; a fine bin's blocks all have their class's size.
uint64_t sum_usable(const uint16_t (&class_bytes)[kFineBins], bool in) noexcept {
  uint64_t sum = 0;
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    const Counters &counters = slot->counters;
    for (size_t bin = 0; bin < kFineBins; ++bin) {
      const Cell &cell = counters.fine[bin];
      sum += read(in ? cell.blocks_in : cell.blocks_out) * class_bytes[bin];
    }
    for (const CoarseCell &cell : counters.coarse) sum += read(in ? cell.usable_in : cell.usable_out);
    sum += read(in ? counters.extra_usable_in : counters.extra_usable_out);
  }
  return sum;
}

uint64_t live_usable_bytes() noexcept {
  uint16_t class_bytes[kFineBins];
  for (size_t bin = 0; bin < kFineBins; ++bin) {
    class_bytes[bin] = static_cast<uint16_t>(backend::class_bytes(bin * kGranule));
  }
  const uint64_t out = sum_usable(class_bytes, false);
  return sum_usable(class_bytes, true) - out;
}

void add_out(Cell &sum, const Cell &cell) noexcept {
  sum.blocks_out += read(cell.blocks_out);
  sum.bytes_out += read(cell.bytes_out);
}

void add_in(Cell &sum, const Cell &cell) noexcept {
  sum.blocks_in += read(cell.blocks_in);
  sum.bytes_in += read(cell.bytes_in);
}

}  // namespace

void take(heapmeter_snapshot &out) noexcept {
  memset(&out, 0, sizeof out);
  out.size = sizeof out;
  out.version = HEAPMETER_ABI_VERSION;
  sum_books(out);
  sum_events(out);
  out.usable_bytes = live_usable_bytes();
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
    for (size_t bin = 0; bin < kFineBins; ++bin) add_out(out.fine[bin], counters.fine[bin]);
    for (size_t bin = 0; bin < kCoarseBins; ++bin) {
      add_out(out.coarse[bin].requested, counters.coarse[bin].requested);
      out.coarse[bin].usable_out += read(counters.coarse[bin].usable_out);
    }
  }
  cursor = 0;
  while (const Slot *slot = slots::next(cursor)) {
    const Counters &counters = slot->counters;
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
