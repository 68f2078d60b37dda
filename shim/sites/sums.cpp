// SPDX-License-Identifier: MIT
//
// What readers ask of the sites.
#include "base/sys.h"
#include "sites/high_water.h"
#include "sites/poisson.h"
#include "sites/sites.h"

namespace heapmeter::sites {

Sum Sites::sum(uint32_t site, uint32_t peak_moment) const noexcept {
  const bool sampled = mode() == Mode::kSampled;
  // What went first: see counters.h.
  uint64_t blocks_out = 0, bytes_out = 0;
  Sum sum{};
  const auto each = [&](auto visit) {
    visit(shards_.shared(site));
    for (const Thread *thread = first(); thread != nullptr; thread = thread->next) {
      if (const Counts *counts = Shards::look(thread->shard, site)) visit(*counts);
    }
  };
  each([&](const Counts &counts) {
    blocks_out += read(counts.blocks_out);
    bytes_out += read(counts.bytes_out);
    (sampled ? sum.samples : sum.temporary) += read(sampled ? counts.samples : counts.temporary);
    const auto held = HighWater::held(counts, peak_moment, sampled ? poisson::kWeightBits : 0);
    sum.peak_blocks += held.blocks;
    sum.peak_bytes += held.bytes;
  });
  each([&](const Counts &counts) {
    sum.reallocations += read(counts.moved_in);
    sum.live_blocks += read(counts.blocks_in);
    sum.allocated_bytes += read(counts.bytes_in);
  });
  sum.allocations = sum.live_blocks - sum.reallocations;
  sum.live_blocks -= blocks_out;
  sum.live_bytes = sum.allocated_bytes - bytes_out;
  return sum;
}

Sites::Captures Sites::captures() const noexcept {
  Captures sum{};
  for (const Thread *thread = first(); thread != nullptr; thread = thread->next) {
    sum.all += read(thread->captures);
    sum.cut_short += read(thread->cut_short);
  }
  return sum;
}

bool Sites::next_memory(size_t &cursor, Memory &memory) const noexcept {
  constexpr size_t kTables = 6 + Samples::kTables, kFirstThread = size_t{1} << 32;
  while (cursor < kTables) {
    const size_t which = cursor++;
    memory = which == 0   ? table_.memory()
             : which == 1 ? modules_.memory()
             : which == 2 ? shards_.memory()
             : which == 3 ? blocks_.memory()
             : which == 4 ? lifetimes_.memory()
             : which == 5 ? tag_names_.memory()
                          : samples_.memory(which - 6);
    if (memory.start != nullptr) return true;
  }
  if (cursor < kFirstThread) {
    size_t at = cursor - kTables;
    const void *chunk = blocks_.next(at);
    cursor = at + kTables;
    memory = {chunk, BlockSites::kChunkBytes};
    if (chunk != nullptr) return true;
    cursor = kFirstThread;
  }
  size_t skip = cursor++ - kFirstThread;
  const Thread *thread = first();
  while (thread != nullptr && skip-- > 0) thread = thread->next;
  memory = {thread, sizeof(Thread)};
  return thread != nullptr;
}

// Read while the owner may change: its record's turn is that of the slot once it has allocated anything.
Owner Sites::owner_of(const Slot &slot) noexcept {
  const auto *thread = static_cast<const Thread *>(__atomic_load_n(&slot.attribution, __ATOMIC_ACQUIRE));
  const uint32_t turn = __atomic_load_n(&slot.turn, __ATOMIC_ACQUIRE);
  if (thread == nullptr || load_whole(thread->turn) != turn) return {};
  return {turn, thread->record};
}

bool Sites::next_sample(size_t &cursor, Sample &sample) const noexcept {
  const uint32_t epoch = load_whole(epoch_);
  for (const void *block = nullptr; samples_.next(cursor, block, sample);) {
    if (sample.epoch == epoch) return true;
  }
  return false;
}

void Sites::estimate(Estimate *by_site, uint32_t sites) const noexcept {
  const uint64_t now = sys::monotonic_ns();
  size_t cursor = 0;
  for (Sample sample; next_sample(cursor, sample);) {
    if (sample.site >= sites) continue;
    Estimate &site = by_site[sample.site];
    site.blocks += sample.weight;
    site.bytes += stands_for(sample);
    ++site.samples;
    if (__builtin_add_overflow(site.variance, variance(sample), &site.variance)) site.variance = ~uint64_t{0};
    if (sample.born_ns == 0) continue;
    const uint64_t age_ms = now > sample.born_ns ? (now - sample.born_ns) / 1'000'000 : 0;
    const uint64_t pages = (stands_for(sample) + 4095) / 4096;
    site.pages += pages;
    site.page_ms += pages * age_ms;
    if (age_ms > site.oldest_ms) site.oldest_ms = age_ms;
  }
}

uint32_t Sites::leaf_of(const void *block) const noexcept {
  if (!table_.mapped()) return 0;
  const uint32_t *site = blocks_.find(block);
  uint32_t number = site == nullptr ? Table::kNone : BlockSites::site_of(load_whole(*site));
  Sample sample;
  if (number == Table::kNone && samples_.find(block, sample)) number = sample.site;
  return number < Table::kFirst ? 0 : table_.leaf(number);
}

}  // namespace heapmeter::sites
