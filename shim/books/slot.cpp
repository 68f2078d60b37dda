// SPDX-License-Identifier: MIT
#include "books/slot.h"

namespace heapmeter {

ThreadTotals ThreadTotals::read_whole() const noexcept {
  return {read(allocations), read(frees), read(reallocations), read(allocated_bytes), read(freed_bytes)};
}

ThreadTotals &ThreadTotals::operator+=(const ThreadTotals &other) noexcept {
  allocations += other.allocations;
  frees += other.frees;
  reallocations += other.reallocations;
  allocated_bytes += other.allocated_bytes;
  freed_bytes += other.freed_bytes;
  return *this;
}

ThreadTotals &ThreadTotals::operator-=(const ThreadTotals &other) noexcept {
  allocations -= other.allocations;
  frees -= other.frees;
  reallocations -= other.reallocations;
  allocated_bytes -= other.allocated_bytes;
  freed_bytes -= other.freed_bytes;
  return *this;
}

ThreadTotals Slot::totals() const noexcept {
  // Frees first: see counters.h.
  ThreadTotals sum{};
  for (size_t tally = 0; tally < kTalliedFrees; ++tally) {
    for_each_bin(counters.tally_out(tally), [&](size_t, uint64_t blocks, uint64_t bytes) {
      sum.frees += blocks;
      sum.freed_bytes += bytes;
    });
  }
  for (const Counter &frees : counters.frees) sum.frees += read(frees);
  sum.freed_bytes += read(counters.freed_bytes);
  for (size_t tally = 0; tally < kTalliedAllocations; ++tally) {
    for_each_bin(counters.tally_in(tally), [&](size_t, uint64_t blocks, uint64_t bytes) {
      sum.allocations += blocks;
      sum.allocated_bytes += bytes;
    });
  }
  for (const Counter &allocations : counters.allocations) sum.allocations += read(allocations);
  sum.reallocations = read(counters.reallocations);
  sum.allocated_bytes += read(counters.allocated_bytes);
  return sum;
}

}  // namespace heapmeter
