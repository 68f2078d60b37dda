// SPDX-License-Identifier: MIT
#include "churn.h"

#include <algorithm>

namespace churn {
namespace {

bool same(const char *whose, const char *what, std::uint64_t seen, std::uint64_t expected) {
  if (seen == expected) return true;
  std::printf("%s: %s is %llu, the threads counted %llu\n", whose, what,
              static_cast<unsigned long long>(seen), static_cast<unsigned long long>(expected));
  return false;
}

}  // namespace

Tally &Tally::operator+=(const Tally &other) {
  operations += other.operations;
  allocations += other.allocations;
  frees += other.frees;
  reallocations += other.reallocations;
  allocated += other.allocated;
  freed += other.freed;
  return *this;
}

Tally Tally::operator-(const Tally &other) const {
  Tally rest = *this;
  rest.operations -= other.operations;
  rest.allocations -= other.allocations;
  rest.frees -= other.frees;
  rest.reallocations -= other.reallocations;
  rest.allocated -= other.allocated;
  rest.freed -= other.freed;
  return rest;
}

bool compare(const char *whose, const heapmeter_snapshot &before, const heapmeter_snapshot &after,
             const Tally &tally, std::uint64_t thread_bytes, std::uint64_t threads) {
  const std::uint64_t made = after.allocations - before.allocations - tally.allocations;
  const std::uint64_t gone = after.frees - before.frees - tally.frees;
  bool good = true;
  if (made > threads || gone > threads) {
    std::printf(
        "%s: %lld allocations and %lld frees more than the threads counted, explained are 0 to %llu\n", whose,
        static_cast<long long>(made), static_cast<long long>(gone), static_cast<unsigned long long>(threads));
    good = false;
  }
  good &= same(whose, "reallocations", after.reallocations - before.reallocations, tally.reallocations);
  good &= same(whose, "allocated_bytes", after.allocated_bytes - before.allocated_bytes,
               tally.allocated + made * thread_bytes);
  good &=
      same(whose, "freed_bytes", after.freed_bytes - before.freed_bytes, tally.freed + gone * thread_bytes);
  good &= same(whose, "live_blocks", after.live_blocks, after.allocations - after.frees);
  good &= same(whose, "live_bytes", after.live_bytes, after.allocated_bytes - after.freed_bytes);
  const std::uint64_t faults = after.failures + after.mismatches + after.size_mismatches +
                               after.double_frees + after.foreign_frees + after.inner_frees -
                               before.failures - before.mismatches - before.size_mismatches -
                               before.double_frees - before.foreign_frees - before.inner_frees;
  return same(whose, "faults and failures", faults, 0) && good;
}

bool equals(const heapmeter_thread_counters &seen, const Tally &tally) {
  return seen.allocations == tally.allocations && seen.frees == tally.frees &&
         seen.reallocations == tally.reallocations && seen.allocated_bytes == tally.allocated &&
         seen.freed_bytes == tally.freed;
}

bool peak_is_right(const heapmeter_snapshot &after, const heapmeter_snapshot &before) {
  const auto peak = static_cast<std::int64_t>(after.peak_bytes),
             error = static_cast<std::int64_t>(after.peak_error_bytes);
  const auto least = std::max<std::int64_t>(surely_peak, static_cast<std::int64_t>(before.peak_bytes));
  const auto most = std::max<std::int64_t>(perhaps_peak, static_cast<std::int64_t>(before.peak_bytes));
  std::printf("peak %lld within %lld, true between %lld and %lld\n", static_cast<long long>(peak),
              static_cast<long long>(error), static_cast<long long>(least), static_cast<long long>(most));
  return peak + error >= least && peak - error <= most;
}

}  // namespace churn
