// SPDX-License-Identifier: MIT
#include "books/vanished.h"

#include "books/peak.h"
#include "books/side.h"

namespace heapmeter::vanished {
namespace {

// One direction of the books: what came, or what went. How far the bins are ahead of the totals.
struct Ahead {
  uint64_t bytes = 0;
  uint64_t blocks = 0;
  uint64_t usable = 0;

  bool any() const noexcept { return (bytes | blocks | usable) != 0; }
};

Ahead ahead(const Counters &counters, const Side &side, uint64_t calls) noexcept {
  Ahead sum;
  for (const Cell &cell : counters.fine) {
    sum.bytes += cell.*side.bytes;
    sum.blocks += cell.*side.blocks;
  }
  for (const CoarseCell &cell : counters.coarse) {
    sum.bytes += cell.requested.*side.bytes;
    sum.blocks += cell.requested.*side.blocks;
    sum.usable += cell.*side.usable;
  }
  sum.usable += counters.*side.extra_usable;
  sum.bytes -= counters.*side.all_bytes;
  sum.blocks -= calls;
  sum.usable -= counters.*side.all_usable;
  return sum;
}

void take_back(Counters &counters, const Side &side, const Ahead &by) noexcept {
  const bool coarse = by.bytes > kFineLimit;
  CoarseCell &large = counters.coarse[coarse ? coarse_bin(by.bytes) : 0];
  Cell &cell = coarse ? large.requested : counters.fine[fine_bin(static_cast<uint32_t>(by.bytes))];
  cell.*side.bytes -= by.bytes;
  cell.*side.blocks -= by.blocks;
  (coarse ? large.*side.usable : counters.*side.extra_usable) -= by.usable;
}

void settle(Counters &counters, const Side &side, const Ahead &by, bool calls_counted) noexcept {
  if (calls_counted || (by.bytes == 0 && by.blocks == 0)) {
    counters.*side.all_bytes += by.bytes;
    counters.*side.all_usable += by.usable;
  } else {
    take_back(counters, side, by);
  }
}

}  // namespace

void mend(Slot &slot) noexcept {
  Counters &counters = slot.counters;
  // What the tallies have is whole at any time.
  uint64_t calls_in = counters.reallocations, calls_out = counters.reallocations;
  for (const Counter &calls : counters.allocations) calls_in += calls;
  for (const Counter &calls : counters.frees) calls_out += calls;
  const Ahead in = ahead(counters, kIn, calls_in);
  const Ahead out = ahead(counters, kOut, calls_out);
  if (!in.any() && !out.any()) return;
  const ThreadTotals totals = slot.totals();
  const auto live = static_cast<int64_t>(totals.allocated_bytes - totals.freed_bytes);
  const bool calls_counted =
      in.blocks == 0 && out.blocks == 0 && ((in.bytes != 0 && out.bytes != 0) || live != peak::noted(slot));
  settle(counters, kIn, in, calls_counted);
  settle(counters, kOut, out, calls_counted);
}

}  // namespace heapmeter::vanished
