// SPDX-License-Identifier: MIT
//
// Blocks that are sampled: when the next one is due, and what it counts for.
#include "base/coarse_clock.h"
#include "books/sampling.h"
#include "sites/high_water.h"
#include "sites/poisson.h"
#include "sites/sites.h"

namespace heapmeter::sites {

bool Sites::born_sampled(Slot &slot, const Block &block, bool moved, const Registers &from) noexcept {
  const Mode now = mode();
  const Within within(*this, slot, now);
  if (!within.on() || now == Mode::kOff || block.size == 0 || !has_room(slot)) return false;
  const uint64_t weight = poisson::weight(block.size, load_whole(mean_bytes_));
  const uint32_t site = site_of(within.thread(), from, within.unwalked());
  Sample sample{block.size, block.usable,       weight,       coarse_clock::ns(),
                site,       load_whole(epoch_), block.family, block.mapped};
  if (const Thread *thread = within.thread()) {
    sample.record = thread->record;
    sample.turn = thread->turn;
  }
  if (!samples_.add(budget_, block.start, sample)) return false;
  if (now == Mode::kEvery) return true;
  Counts &counts = shards_.shared(site);
  HighWater::before_change_of_shared(counts, within.moment(), poisson::kWeightBits);
  if (moved) bump_shared(counts.moved_in, weight);
  bump_shared(counts.blocks_in, weight);
  bump_shared(counts.bytes_in, stands_for(sample));
  bump_shared(counts.samples, 1);
  return true;
}

void Sites::went(Slot &slot, const Sample &sample, Going going) noexcept {
  const Mode now = mode();
  const Within within(*this, slot, now);
  if (!within.on() || now == Mode::kOff || sample.epoch != load_whole(epoch_)) return;
  const uint64_t now_ns = going == Going::kDied ? coarse_clock::ns() : 0;
  if (sample.born_ns != 0 && now_ns >= sample.born_ns)
    lifetimes_.add(budget_, sample.site, now_ns - sample.born_ns, sample.weight);
  if (now == Mode::kEvery) return;
  Counts &counts = shards_.shared(sample.site);
  HighWater::before_change_of_shared(counts, within.moment(), poisson::kWeightBits);
  bump_shared(counts.bytes_out, stands_for(sample));
  bump_shared(counts.blocks_out, sample.weight);
}

// A slot starts with 0, which says nothing yet.
bool Sites::falls(Slot &slot, uint64_t bytes) noexcept {
  const bool first = load_whole(slot.until_sample) + bytes == 0;
  const uint64_t drawn = draw(slot);
  const bool falls = !first || drawn <= bytes;
  sampling::set(slot, !first ? drawn : falls ? draw(slot) : drawn - bytes);
  return falls && mode() != Mode::kOff;
}

uint64_t Sites::draw(Slot &slot) noexcept {
  if (mode() == Mode::kOff || !slot.own) return sampling::kNever;
  // Another for each slot and moment; which one matters to nobody.
  uint64_t random = __atomic_add_fetch(&random_, 0x9E3779B97F4A7C15u, __ATOMIC_RELAXED);
  const uint64_t drawn = 1 + poisson::draw(load_whole(mean_bytes_), random);
  return drawn < sampling::kMostDrawn ? drawn : sampling::kMostDrawn - 1;
}

bool Sites::tell(Slots &slots) noexcept {
  const bool any = mode() != Mode::kOff;
  bool all = true;
  size_t cursor = 0;
  while (Slot *slot = slots.next(cursor)) {
    const bool knows = (load_whole(slot->until_sample) < sampling::kMostDrawn) == (any && slot->own);
    if (knows) continue;
    sampling::set(*slot, draw(*slot));
    all = false;
  }
  return all;
}

}  // namespace heapmeter::sites
