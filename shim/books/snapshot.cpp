// SPDX-License-Identifier: MIT
#include "books/snapshot.h"

#include <heapmeter/protocol.h>
#include <string.h>

#include "backend/room.h"
#include "base/compiler.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "books/meter.h"
#include "books/own_memory.h"
#include "books/sums.h"

namespace heapmeter::snapshot {
namespace {

// Freed meanwhile: beyond this a reading is taken again, some times.
constexpr uint64_t kSkewBytes = 64 * 1024;
constexpr int kTries = 8;
constexpr uint64_t kCostFreshNs = HEAPMETER_METER_BYTES_AGE_MS * uint64_t{1'000'000};
constexpr uint64_t kCostShare = 100;  // or this many times what it takes to find out

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

void sum_books(Reading &reading, heapmeter_snapshot &out) noexcept {
  auto freed = reading.freed();
  auto allocated = reading.allocated();
  auto after = reading.freed();
  for (int tries = 1; tries < kTries && after.bytes - freed.bytes > kSkewBytes; ++tries) {
    freed = after;
    allocated = reading.allocated();
    after = reading.freed();
  }
  // Live for certain, when the last of the allocations was summed.
  if (allocated.bytes > after.bytes) meter.peak.saw(allocated.bytes - after.bytes);
  set_peak(out, meter.peak.range(), allocated.bytes);
  out.allocated_bytes = allocated.bytes;
  out.freed_bytes = choose_freed(freed.bytes, after.bytes, allocated.bytes, out.peak_bytes);
  out.live_bytes = out.allocated_bytes - out.freed_bytes;
  // An allocator may say more of a block as it goes than as it came.
  out.usable_bytes = allocated.usable > freed.usable ? allocated.usable - freed.usable : 0;
  out.allocations = allocated.blocks();
  out.frees = freed.blocks();
  out.live_blocks = out.allocations - out.frees;
  memcpy(out.allocations_by_kind, allocated.by_kind, sizeof allocated.by_kind);
  memcpy(out.frees_by_kind, freed.by_kind, sizeof freed.by_kind);
}

// Looked for page by page: too dear for each of a hundred readings a second.
struct MeterCost {
  uint64_t good_until_ns;
  size_t bytes[own_memory::kParts];
};
constinit MeterCost known = {};

void look_for_meter_cost() noexcept {
  const uint64_t now_ns = sys::monotonic_ns();
  if (now_ns < __atomic_load_n(&known.good_until_ns, __ATOMIC_ACQUIRE) || !sandbox::lets_look_for_pages())
    return;
  const own_memory::Cost cost = own_memory::cost();
  for (size_t part = 0; part < own_memory::kParts; ++part) store_whole(known.bytes[part], cost.bytes[part]);
  const uint64_t dear_ns = cost.nanoseconds * kCostShare;
  __atomic_store_n(&known.good_until_ns, now_ns + (dear_ns > kCostFreshNs ? dear_ns : kCostFreshNs),
                   __ATOMIC_RELEASE);
}

uint64_t meter_cost(own_memory::Part part) noexcept {
  return load_whole(known.bytes[static_cast<size_t>(part)]);
}

}  // namespace

void take_counts(heapmeter_snapshot &out) noexcept {
  memset(&out, 0, sizeof out);
  out.size = sizeof out;
  out.version = HEAPMETER_ABI_VERSION;
  {
    Reading reading(meter.slots, meter.kept);
    sum_books(reading, out);
    const EventSums events = reading.events();
    for (size_t event = 0; event < kEventKinds; ++event) out.*kEvents[event].shown = events.of[event];
  }
  out.threads = meter.slots.owned_count();
  out.uncounted_blocks = room::all_without_entry();
}

void take(heapmeter_snapshot &out) noexcept {
  take_counts(out);
  look_for_meter_cost();
  out.meter_ledger_bytes = meter_cost(own_memory::Part::kLedger);
  out.meter_slot_bytes = meter_cost(own_memory::Part::kSlots);
  out.meter_other_bytes = meter_cost(own_memory::Part::kService) + meter_cost(own_memory::Part::kSites);
  out.meter_bytes = out.meter_ledger_bytes + out.meter_slot_bytes + out.meter_other_bytes;
}

void take_bins(Bins &out) noexcept { Reading(meter.slots, meter.kept).bins(out); }

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
