// SPDX-License-Identifier: MIT
#include "sites/sites.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/coarse_clock.h"

#include "books/sampling.h"

using namespace heapmeter;
using namespace heapmeter::sites;

namespace {

constexpr size_t kLimit = 16 << 20;

struct Fixture {
  std::unique_ptr<Sites> sites = std::make_unique<Sites>();
  std::vector<std::unique_ptr<Slot>> slots;

  Fixture() {
    EXPECT_TRUE(sites->prepare(kLimit));
    sites->set(Mode::kEvery);
  }
  Slot &new_slot(bool own = true) {
    auto slot = std::make_unique<Slot>();
    slot->own = own;
    slot->turn = 2;
    return *slots.emplace_back(std::move(slot));
  }
  // What all sites hold, "other" too.
  Sum all() const {
    Sum all = sites->sum(Table::kOther);
    for (uint32_t site = Table::kFirst; site < sites->table().sites(); ++site) {
      const Sum one = sites->sum(site);
      all.live_blocks += one.live_blocks;
      all.live_bytes += one.live_bytes;
      all.allocations += one.allocations;
      all.allocated_bytes += one.allocated_bytes;
      all.temporary += one.temporary;
      all.peak_blocks += one.peak_blocks;
      all.peak_bytes += one.peak_bytes;
    }
    return all;
  }
};

const void *block_at(uintptr_t number) {
  return reinterpret_cast<const void *>(0x7f0000000000 + 64 * number);
}

// As if called from within libc, this far into it.
Registers called_from(size_t place) { return {reinterpret_cast<uintptr_t>(&abort) + 1 + place, 0, 0}; }

}  // namespace

TEST(Sites, BlocksLeaveTheSiteTheyCameFrom) {
  Fixture f;
  Slot &slot = f.new_slot(), &other = f.new_slot();
  f.sites->born(slot, block_at(1), 100, called_from(0));
  f.sites->born(slot, block_at(2), 50, called_from(0));
  f.sites->born(slot, block_at(3), 7, called_from(1));
  ASSERT_EQ(f.sites->table().sites(), Table::kFirst + 2);
  f.sites->died(other, block_at(1), 100);
  const Sum first = f.sites->sum(Table::kFirst), second = f.sites->sum(Table::kFirst + 1);
  EXPECT_EQ(first.live_blocks, 1u);
  EXPECT_EQ(first.live_bytes, 50u);
  EXPECT_EQ(first.allocations, 2u);
  EXPECT_EQ(first.allocated_bytes, 150u);
  EXPECT_EQ(second.live_blocks, 1u);
  EXPECT_EQ(second.live_bytes, 7u);
}

TEST(Sites, WhatIsOlderIsOfNone) {
  Fixture f;
  f.sites->died(f.new_slot(), block_at(1), 100);
  EXPECT_EQ(f.all().live_blocks, 0u);
}

TEST(Sites, AResizedBlockIsItsResizersAndNoAllocation) {
  Fixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, called_from(0));
  const auto taken = f.sites->take(slot, block_at(1));
  f.sites->moved(slot, taken, 100, block_at(2), 300, called_from(1));
  const Sum first = f.sites->sum(Table::kFirst), second = f.sites->sum(Table::kFirst + 1);
  EXPECT_EQ(first.live_blocks, 0u);
  EXPECT_EQ(first.live_bytes, 0u);
  EXPECT_EQ(first.allocations, 1u);
  EXPECT_EQ(second.live_blocks, 1u);
  EXPECT_EQ(second.live_bytes, 300u);
  EXPECT_EQ(second.allocations, 0u);
  EXPECT_EQ(second.allocated_bytes, 300u);
  f.sites->died(slot, block_at(2), 300);
  EXPECT_EQ(f.all().live_bytes, 0u);
}

TEST(Sites, ABlockThatCouldNotBeResizedStaysWhatItWas) {
  Fixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, called_from(0));
  f.sites->put_back(slot, block_at(1), f.sites->take(slot, block_at(1)));
  f.sites->died(slot, block_at(1), 100);
  EXPECT_EQ(f.sites->sum(Table::kFirst).live_blocks, 0u);
}

TEST(Sites, ABlockFreedByTheVeryNextCallIsTemporary) {
  Fixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 1, called_from(0));
  f.sites->died(slot, block_at(1), 1);
  f.sites->born(slot, block_at(1), 1, called_from(0));
  f.sites->born(slot, block_at(2), 1, called_from(0));
  f.sites->died(slot, block_at(1), 1);
  f.sites->died(slot, block_at(2), 1);
  EXPECT_EQ(f.sites->sum(Table::kFirst).temporary, 1u);
}

TEST(Sites, TellWhatEachHeldAtThePeak) {
  Fixture f;
  Slot &slot = f.new_slot();
  const auto peak = [&](uint32_t number) {
    const Sum sum = f.sites->sum(Table::kFirst + number);
    return std::pair(sum.peak_blocks, sum.peak_bytes);
  };
  using Pair = std::pair<uint64_t, uint64_t>;
  f.sites->born(slot, block_at(1), 100, called_from(0));
  f.sites->saw(100);
  f.sites->born(slot, block_at(2), 50, called_from(1));
  f.sites->saw(150);
  EXPECT_EQ(peak(0), Pair(1, 100));
  EXPECT_EQ(peak(1), Pair(1, 50));
  f.sites->died(slot, block_at(1), 100);
  f.sites->born(slot, block_at(3), 20, called_from(2));
  f.sites->saw(70);
  f.sites->born(slot, block_at(4), 30, called_from(1));
  f.sites->saw(100);
  EXPECT_EQ(peak(0), Pair(1, 100)) << "though it is gone";
  EXPECT_EQ(peak(1), Pair(1, 50)) << "though it has more now";
  EXPECT_EQ(peak(2), Pair(0, 0));
  // A higher one, which a resized block makes.
  const auto taken = f.sites->take(slot, block_at(4));
  f.sites->moved(slot, taken, 30, block_at(5), 200, called_from(0));
  f.sites->saw(270);
  f.sites->died(slot, block_at(2), 50);
  EXPECT_EQ(peak(0), Pair(1, 200));
  EXPECT_EQ(peak(1), Pair(1, 50));
  EXPECT_EQ(peak(2), Pair(1, 20));
  EXPECT_EQ(f.sites->peak_bytes(), 270u);
}

// Against what each site held at every single peak; blocks come and go by three threads' slots, one of which
// is anybody's.
TEST(Sites, AtThePeakAreWhatTheyWere) {
  constexpr size_t kCallers = 7, kPlaces = 64;
  Fixture f;
  Slot *slots[] = {&f.new_slot(), &f.new_slot(), &f.new_slot(false)};
  struct Block {
    size_t size = 0, from = 0;
  };
  Block blocks[kPlaces];
  int64_t live[kCallers] = {}, at_peak[kCallers] = {}, total = 0, highest = 0;
  std::minstd_rand random(1);
  for (size_t from = 0; from < kCallers; ++from) {  // so that their numbers are known
    f.sites->born(*slots[0], block_at(kPlaces), 0, called_from(from));
    f.sites->died(*slots[0], block_at(kPlaces), 0);
  }
  for (int i = 0; i < 50'000; ++i) {
    Slot &slot = *slots[random() % 3];
    const size_t place = random() % kPlaces;
    Block &block = blocks[place];
    if (block.size == 0) {
      // Threads without a slot count at "other".
      block = {1 + random() % (1000 + static_cast<unsigned>(i)), slot.own ? random() % kCallers : kCallers};
      f.sites->born(slot, block_at(place), block.size, called_from(block.from));
      if (slot.own) live[block.from] += static_cast<int64_t>(block.size);
      total += static_cast<int64_t>(block.size);
      f.sites->saw(total);
      if (total > highest) {
        highest = total;
        std::copy(std::begin(live), std::end(live), at_peak);
      }
    } else {
      f.sites->died(slot, block_at(place), block.size);
      if (block.from < kCallers) live[block.from] -= static_cast<int64_t>(block.size);
      total -= static_cast<int64_t>(block.size);
      block = {};
    }
    if (i % 100 != 0) continue;
    int64_t sum = static_cast<int64_t>(f.sites->sum(Table::kOther).peak_bytes);
    for (uint32_t from = 0; from < kCallers; ++from) {
      const auto bytes = static_cast<int64_t>(f.sites->sum(Table::kFirst + from).peak_bytes);
      ASSERT_EQ(bytes, at_peak[from]) << from << ", " << i;
      sum += bytes;
    }
    ASSERT_EQ(sum, highest) << i;
  }
}

TEST(Sites, SamplesTellHowLongBlocksLived) {
  coarse_clock::find();
  Fixture f;
  f.sites->set_mean(1);
  Slot &slot = f.new_slot();
  const auto born = [&](uintptr_t number) {
    f.sites->born(slot, block_at(number), 100, called_from(0));
    return f.sites->born_sampled(slot, {block_at(number), 100, 0, Family::kMalloc, false}, false,
                                 called_from(0));
  };
  const auto lived = [&] {
    uint64_t blocks = 0;
    if (const uint64_t *all = f.sites->lifetimes().of(Table::kFirst))
      for (unsigned i = 0; i < Lifetimes::kDoublings; ++i) blocks += all[i];
    return blocks >> 16;
  };
  ASSERT_TRUE(born(1) && born(2) && born(3));
  EXPECT_EQ(f.sites->sum(Table::kFirst).allocations, 3u) << "each counted once";
  EXPECT_EQ(lived(), 0u);
  Sample sample;
  ASSERT_TRUE(f.sites->released(block_at(1), sample));
  f.sites->went(slot, sample, Sites::Going::kDied);
  EXPECT_EQ(lived(), 1u);
  ASSERT_TRUE(f.sites->released(block_at(2), sample));
  sample.born_ns -= 20'000'000'000;
  f.sites->went(slot, sample, Sites::Going::kDied);
  EXPECT_EQ(f.sites->lifetimes().of(Table::kFirst)[15], 1u << 16) << "16 to 32 seconds";
  ASSERT_TRUE(f.sites->released(block_at(3), sample));
  f.sites->went(slot, sample, Sites::Going::kMoved);
  EXPECT_EQ(lived(), 2u) << "it lives on, elsewhere";
  f.sites->set(Mode::kOff);
  ASSERT_TRUE(f.sites->clear());
  EXPECT_EQ(f.sites->lifetimes().of(Table::kFirst), nullptr);
}

TEST(Sites, ATagIsAFrameOfItsOwn) {
  Fixture f;
  Slot &slot = f.new_slot(), &other = f.new_slot();
  const auto tags_of_last = [&] {
    std::vector<std::string> tags;
    for (uint32_t node = f.sites->table().leaf(f.sites->table().sites() - 1); node != 0;
         node = f.sites->table().parent(node)) {
      const Place place = f.sites->table().place(node);
      if (place.module == kMark && place.address > kFirstTag)
        tags.emplace_back(f.sites->tag_names().at(static_cast<uint32_t>(place.address - kFirstTag)));
    }
    return tags;
  };
  uintptr_t number = 0;
  const auto born = [&](Slot &by, size_t from) {
    f.sites->born(by, block_at(++number), 1, called_from(from));
    return f.sites->table().sites();
  };
  f.sites->enter(slot, "request", 200, 1);
  f.sites->enter(slot, "parser", 100, 2);
  born(slot, 0);
  using Names = std::vector<std::string>;
  EXPECT_EQ(tags_of_last(), Names({"parser", "request"})) << "innermost first";
  const uint32_t sites = f.sites->table().sites();
  EXPECT_EQ(born(slot, 0), sites) << "the same again";
  f.sites->leave(slot);
  born(slot, 0);
  EXPECT_EQ(tags_of_last(), Names({"request"}));
  f.sites->leave(slot);
  const uint32_t before = f.sites->table().sites();
  EXPECT_EQ(born(slot, 0), before) << "what it was found by is a site, too";
  f.sites->leave(slot);  // one too many
  f.sites->enter(slot, "parser", 100, 2);
  born(other, 1);
  EXPECT_EQ(tags_of_last(), Names()) << "another thread's";
  for (int i = 0; i < 100; ++i) f.sites->enter(slot, "deep", 100, 3);
  born(slot, 2);
  EXPECT_EQ(tags_of_last().size(), Tags::kMost);
  for (int i = 0; i < 100; ++i) f.sites->leave(slot);
  born(slot, 3);
  EXPECT_EQ(tags_of_last(), Names({"parser"}));
  EXPECT_EQ(f.sites->tag_names().count(), 4u) << "each name once";
  slot.turn += 2;  // the next thread's
  born(slot, 4);
  EXPECT_EQ(tags_of_last(), Names());
}

TEST(Sites, LifetimesAreInDoublings) {
  EXPECT_EQ(Lifetimes::doubling(999'999), 0u);
  EXPECT_EQ(Lifetimes::doubling(1'000'000), 1u);
  EXPECT_EQ(Lifetimes::doubling(1'999'999), 1u);
  EXPECT_EQ(Lifetimes::doubling(2'000'000), 2u);
  EXPECT_EQ(Lifetimes::doubling(~uint64_t{0}), Lifetimes::kDoublings - 1);
}

TEST(Sites, ThreadsWithoutASlotOfTheirOwnCountToo) {
  Fixture f;
  Slot &slot = f.new_slot(), &shared = f.new_slot(false);
  f.sites->born(slot, block_at(1), 100, called_from(0));
  f.sites->died(shared, block_at(1), 100);
  EXPECT_EQ(f.sites->sum(Table::kFirst).live_blocks, 0u);
  f.sites->born(shared, block_at(2), 100, called_from(0));
  EXPECT_EQ(f.sites->sum(Table::kOther).live_blocks, 1u);
}

TEST(Sites, AForgottenEpochCountsNothingLater) {
  Fixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, called_from(0));
  f.sites->saw(1000);
  const auto taken = f.sites->take(slot, block_at(1));
  f.sites->set(Mode::kOff);
  EXPECT_FALSE(f.sites->is_clear());
  ASSERT_TRUE(f.sites->clear());
  EXPECT_TRUE(f.sites->is_clear());
  ASSERT_TRUE(f.sites->prepare(kLimit));
  f.sites->set(Mode::kEvery);
  f.sites->moved(slot, taken, 100, block_at(2), 300, called_from(1));
  EXPECT_EQ(f.all().live_bytes, 300u);
  f.sites->saw(300);
  EXPECT_EQ(f.all().peak_bytes, 300u) << "a peak is of its epoch";
  f.sites->died(slot, block_at(2), 300);
  EXPECT_EQ(f.all().live_bytes, 0u);
}

TEST(Sites, AreNotForgottenWhileAnybodyIsWithin) {
  Fixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, called_from(0));
  f.sites->set(Mode::kOff);
  static_cast<Thread *>(slot.attribution)->busy = 1;
  EXPECT_FALSE(f.sites->clear());
  f.sites->in_child(nullptr);  // the thread is gone
  EXPECT_TRUE(f.sites->clear());
}

TEST(Sites, AHandlerWithinACallCountsAtOther) {
  Fixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 1, called_from(0));
  static_cast<Thread *>(slot.attribution)->busy = 1;
  f.sites->born(slot, block_at(2), 10, called_from(0));
  static_cast<Thread *>(slot.attribution)->busy = 0;
  EXPECT_EQ(f.sites->sum(Table::kOther).live_bytes, 10u);
  f.sites->died(slot, block_at(2), 10);
  EXPECT_EQ(f.sites->sum(Table::kOther).live_bytes, 0u);
}

TEST(Sites, KeepToTheLimitAndStayExact) {
  Fixture f;
  f.sites->set(Mode::kOff);
  f.sites->clear();
  constexpr size_t kSmall = 256 << 10;
  ASSERT_TRUE(f.sites->prepare(kSmall));
  f.sites->set(Mode::kEvery);
  Slot &slot = f.new_slot(), &late = f.new_slot();
  constexpr size_t kBlocks = 20'000;
  for (size_t i = 0; i < kBlocks; ++i) f.sites->born(slot, block_at(i), i, called_from(i % 10'000));
  EXPECT_LE(f.sites->budget().taken(), kSmall);
  EXPECT_GT(f.sites->sum(Table::kOther).live_blocks, 0u);
  EXPECT_GT(f.sites->table().sites(), 1000u);
  EXPECT_EQ(f.all().live_blocks, kBlocks);
  EXPECT_EQ(f.all().live_bytes, kBlocks * (kBlocks - 1) / 2);
  // There is no room for a shard of the second thread.
  for (size_t i = 0; i < kBlocks; ++i) f.sites->died(late, block_at(i), i);
  EXPECT_EQ(f.all().live_blocks, 0u);
  EXPECT_EQ(f.all().live_bytes, 0u);
}

// Blocks wander between threads while the sites are read; switched off and on meanwhile, what is left at the
// end is exactly what the last epoch saw of those that live.
TEST(Sites, AddUpWhateverThreadsDo) {
  constexpr size_t kThreads = 4, kPlaces = 512;
  constexpr int kOperations = 100'000;
  Fixture f;
  struct Place {
    std::atomic<uint32_t> size{0};  // 0: free; 1: somebody is at it
  };
  std::vector<Place> places(kPlaces);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread, &slot = f.new_slot(thread != 0)] {
      std::minstd_rand random(static_cast<unsigned>(thread + 1));
      for (int i = 0; i < kOperations; ++i) {
        const size_t at = random() % kPlaces;
        uint32_t size = places[at].size.exchange(1);
        if (size == 1) continue;
        if (size == 0) {
          size = 2 + random() % 1000;
          f.sites->born(slot, block_at(at), size, called_from(random() % 50));
        } else if (random() % 3 == 0) {
          const auto taken = f.sites->take(slot, block_at(at));
          const uint32_t new_size = 2 + random() % 1000;
          f.sites->moved(slot, taken, size, block_at(at), new_size, called_from(random() % 50));
          size = new_size;
        } else {
          f.sites->died(slot, block_at(at), size);
          size = 0;
        }
        places[at].size.store(size);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    const Sum sum = f.all();
    EXPECT_LE(sum.live_blocks, kPlaces + kThreads);
  }
  for (auto &thread : threads) thread.join();
  uint64_t blocks = 0, bytes = 0;
  for (const Place &place : places) {
    blocks += place.size != 0;
    bytes += place.size;
  }
  EXPECT_EQ(f.all().live_blocks, blocks);
  EXPECT_EQ(f.all().live_bytes, bytes);
}

// What lives, by the samples of a thousand runs whose seeds are known: the interval of 95 % that their
// variance tells has the truth in 93 to 97 % of them.
TEST(Sites, TheIntervalOfSamplesHoldsAsOftenAsItSays) {
  constexpr int kRuns = 1000;
  constexpr size_t kBlocks = 3000, kMean = 4096;
  Fixture f;
  f.sites->set(Mode::kOff);
  f.sites->set_mean(kMean);
  Slot &slot = f.new_slot();
  int held = 0;
  for (int run = 0; run < kRuns; ++run) {
    ASSERT_TRUE(f.sites->clear());
    f.sites->set(Mode::kSampled);
    f.sites->seed(static_cast<uint64_t>(run) * 1'000'003);
    slot.until_sample = 0;
    std::minstd_rand random(static_cast<unsigned>(run + 1));
    double truth = 0;
    std::vector<size_t> sizes(kBlocks);
    for (size_t i = 0; i < kBlocks; ++i) {
      const size_t size = sizes[i] = 1 + random() % (random() % 50 == 0 ? 20'000 : 400);
      if (sampling::take(slot, size) && f.sites->falls(slot, size)) {
        f.sites->born_sampled(slot, {block_at(i), size, 0, Family::kMalloc, false}, false,
                              called_from(random() % 20));
      }
      truth += static_cast<double>(size);
    }
    for (size_t i = 0; i < kBlocks; i += 3) {
      Sample sample;
      f.sites->released(block_at(i), sample);
      truth -= static_cast<double>(sizes[i]);
    }
    std::vector<Sites::Estimate> by_site(f.sites->table().sites());
    f.sites->estimate(by_site.data(), f.sites->table().sites());
    double bytes = 0, variance = 0;
    for (const Sites::Estimate &site : by_site) {
      bytes += static_cast<double>(site.bytes);
      variance += static_cast<double>(site.variance);
    }
    held += std::abs(bytes - truth) <= 1.96 * std::sqrt(variance);
    for (size_t i = 0; i < kBlocks; ++i) {
      Sample sample;
      f.sites->released(block_at(i), sample);
    }
    f.sites->set(Mode::kOff);
  }
  EXPECT_GE(held, 930);
  EXPECT_LE(held, 970);
}
