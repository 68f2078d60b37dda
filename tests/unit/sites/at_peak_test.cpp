// SPDX-License-Identifier: MIT
#include "sites/high_water.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <random>
#include <thread>

#include "sites_fixture.h"

using namespace heapmeter;
using namespace heapmeter::testing;

TEST(Sites, TellWhatEachHeldAtThePeak) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  const auto peak = [&](uint32_t number) {
    const Sum sum = f.sites->sum(Table::kFirst + number);
    return std::pair(sum.peak_blocks, sum.peak_bytes);
  };
  using Pair = std::pair<uint64_t, uint64_t>;
  f.sites->born(slot, block_at(1), 100, false, called_from(0));
  f.peak.total().saw(100);
  f.sites->born(slot, block_at(2), 50, false, called_from(1));
  f.peak.total().saw(150);
  EXPECT_EQ(peak(0), Pair(1, 100));
  EXPECT_EQ(peak(1), Pair(1, 50));
  f.sites->died(slot, block_at(1), 100);
  f.sites->born(slot, block_at(3), 20, false, called_from(2));
  f.peak.total().saw(70);
  f.sites->born(slot, block_at(4), 30, false, called_from(1));
  f.peak.total().saw(100);
  EXPECT_EQ(peak(0), Pair(1, 100)) << "though it is gone";
  EXPECT_EQ(peak(1), Pair(1, 50)) << "though it has more now";
  EXPECT_EQ(peak(2), Pair(0, 0));
  // A higher one, which a resized block makes.
  const auto taken = f.sites->take(slot, block_at(4));
  f.sites->moved(slot, taken, 30, block_at(5), 200, false, called_from(0));
  f.peak.total().saw(270);
  f.sites->died(slot, block_at(2), 50);
  EXPECT_EQ(peak(0), Pair(1, 200));
  EXPECT_EQ(peak(1), Pair(1, 50));
  EXPECT_EQ(peak(2), Pair(1, 20));
  EXPECT_EQ(f.sites->peak().bytes, 270u);
}

TEST(Sites, AtThePeakAreWhatTheyWere) {
  constexpr size_t kCallers = 7, kPlaces = 64;
  SitesFixture f;
  Slot *slots[] = {&f.new_slot(), &f.new_slot(), &f.new_slot(false)};
  struct Block {
    size_t size = 0, from = 0;
  };
  Block blocks[kPlaces];
  int64_t live[kCallers] = {}, at_peak[kCallers] = {}, total = 0, highest = 0;
  std::minstd_rand random(1);
  for (size_t from = 0; from < kCallers; ++from) {  // so that their numbers are known
    f.sites->born(*slots[0], block_at(kPlaces), 0, false, called_from(from));
    f.sites->died(*slots[0], block_at(kPlaces), 0);
  }
  for (int i = 0; i < 50'000; ++i) {
    Slot &slot = *slots[random() % 3];
    const size_t place = random() % kPlaces;
    Block &block = blocks[place];
    if (block.size == 0) {
      // Threads without a slot count at "other".
      block = {1 + random() % (1000 + static_cast<unsigned>(i)), slot.own ? random() % kCallers : kCallers};
      f.sites->born(slot, block_at(place), block.size, false, called_from(block.from));
      if (slot.own) live[block.from] += static_cast<int64_t>(block.size);
      total += static_cast<int64_t>(block.size);
      f.peak.total().saw(total);
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

// Threads free what others allocated, large blocks and small, while the process holds more than ever time and
// again; some have no room for counts of their own. What all sites held then is what the process held, as
// near as they say.
TEST(Sites, AtThePeakOfManyThreadsAddUpAsNearAsTheySay) {
  constexpr int kRounds = 2000, kOperations = 60;
  constexpr size_t kThreads = 3, kPlaces = 16;
  std::unique_ptr<SitesFixture> f;
  std::atomic<size_t> places[kPlaces];
  const auto between = [&]() noexcept {
    if (f != nullptr) {
      const Total::Highest highest = f->sites->peak();
      const auto held = static_cast<int64_t>(f->all().peak_bytes);
      const auto error = static_cast<int64_t>(f->peak.hidden() + highest.doubtful_bytes);
      EXPECT_LE(std::abs(held - static_cast<int64_t>(highest.bytes)), error);
      f->sites->set(Mode::kOff);
      EXPECT_TRUE(f->sites->clear());
      f->sites->unmap();
    }
    f = std::make_unique<SitesFixture>();
    for (size_t i = 0; i < kThreads; ++i) f->peak.join(f->new_slot(), i + 1);
    for (auto &place : places) place = 0;
  };
  std::barrier together(kThreads, between);
  const auto one = [&](Slot &slot, std::minstd_rand &random) {
    const size_t at = random() % kPlaces;
    const size_t was = places[at].exchange(1);
    if (was == 1) return;
    if (was != 0) {
      f->sites->died(slot, block_at(at), was);
      f->peak.change(slot, -static_cast<int64_t>(was));
      places[at] = 0;
      return;
    }
    const size_t size = 2 + random() % (random() % 4 == 0 ? 2'000'000 : 5000);
    f->sites->born(slot, block_at(at), size, false, called_from(random() % 5));
    f->peak.change(slot, static_cast<int64_t>(size));
    places[at] = size;
  };
  std::vector<std::thread> threads;
  for (size_t number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      std::minstd_rand random(static_cast<unsigned>(number + 1));
      for (int round = 0; round < kRounds; ++round) {
        together.arrive_and_wait();
        for (int i = 0; i < kOperations; ++i) one(*f->slots[number], random);
      }
      together.arrive_and_wait();
    });
  }
  for (auto &thread : threads) thread.join();
}
