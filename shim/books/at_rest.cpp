// SPDX-License-Identifier: MIT
#include "books/at_rest.h"

#include "base/compiler.h"
#include "books/sampling.h"
#include "books/slot.h"

namespace heapmeter {
namespace {

template <size_t kCount>
uint64_t sum_of(const Counter (&counters)[kCount]) noexcept {
  uint64_t sum = 0;
  for (const Counter &counter : counters) sum += read(counter);
  return sum;
}

}  // namespace

Activity activity_of(const Slot &slot) noexcept {
  const Counters &counters = slot.counters;
  // Those that end a call in counting.h are among them: so what else it counted is seen with it.
  uint64_t calls = sum_of(counters.allocations) + sum_of(counters.frees);
  for (const Tally &tally : counters.tallies_in) calls += read(tally[0]);
  for (const Tally &tally : counters.tallies_out) calls += read(tally[0]);
  calls += read(counters.allocated_bytes) + read(counters.freed_bytes) + read(counters.reallocations);
  return {calls,
          load_whole(slot.until_sample),
          load_whole(slot.redrawn),
          load_whole(slot.mark),
          load_whole(slot.reserve),
          load_whole(slot.headroom)};
}

bool whole(const Activity &then, uint64_t allocated_bytes, uint64_t freed_bytes) noexcept {
  return sampling::kNever - then.until_sample == allocated_bytes &&
         then.mark - then.reserve - then.headroom == allocated_bytes - freed_bytes;
}

}  // namespace heapmeter
