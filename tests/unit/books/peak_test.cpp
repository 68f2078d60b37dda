// SPDX-License-Identifier: MIT
#include "books/peak.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

using namespace heapmeter;

namespace {

constexpr int64_t kMostHidden = 4 * 32 * 1024;  // by three

int64_t all_live = 0;
int64_t highest = 0;

class PeakTest : public testing::Test {
 protected:
  PeakTest() { all_live = highest = 0; }
};

bool holds(const Peak::Range &range, int64_t value) {
  return static_cast<int64_t>(range.least) <= value && value <= static_cast<int64_t>(range.most);
}

// What tracked_heap does.
struct Owner {
  Peak &peak;
  std::unique_ptr<Slot> slot = std::make_unique<Slot>();

  Owner(Peak &of, size_t owners) : peak(of) {
    slot->own = true;
    peak.join(*slot, owners);
  }

  static void now_live(int64_t change) {
    all_live += change;
    highest = std::max(highest, all_live);
  }
  void allocate(uint16_t bytes) {
    bump(slot->counters.allocated_bytes, bytes);
    if (peak::take(*slot, bytes)) peak.settle_under(*slot);
    now_live(bytes);
  }
  void free(uint16_t bytes) {
    bump(slot->counters.freed_bytes, bytes);
    if (peak::give(*slot, bytes)) peak.settle_over(*slot);
    now_live(-bytes);
  }
  void change(int64_t bytes) {
    bump(bytes > 0 ? slot->counters.allocated_bytes : slot->counters.freed_bytes,
         static_cast<uint64_t>(bytes > 0 ? bytes : -bytes));
    peak.change(*slot, bytes);
    now_live(bytes);
  }
};

}  // namespace

TEST_F(PeakTest, IsExactWhileThereIsOneThreadThenWithinItsBound) {
  std::mt19937 random(1);
  Peak peak;
  Owner first(peak, 1);
  std::vector<uint16_t> blocks;
  for (int i = 0; i < 300'000; ++i) {
    // Long rises and falls, so that headroom runs over and under its 16 bits.
    const bool rising = (i / 20'000) % 2 == 0;
    if (blocks.empty() || random() % 100 < (rising ? 60u : 40u)) {
      blocks.push_back(static_cast<uint16_t>(random() % 4097));
      first.allocate(blocks.back());
    } else {
      first.free(blocks.back());
      blocks.pop_back();
    }
    if (i % 1000 == 0) first.change(1'000'000);
    if (i % 1000 == 1) first.change(-1'000'000);
    ASSERT_EQ(peak.range().least, static_cast<uint64_t>(highest)) << i;
    ASSERT_EQ(peak.range().most, static_cast<uint64_t>(highest)) << i;
  }

  Owner second(peak, 2);
  Owner third(peak, 3);
  Peak::Range last{};
  Owner *owners[] = {&first, &second, &third};
  for (int i = 0; i < 1'000'000; ++i) {
    Owner &owner = *owners[random() % 3];
    const auto bytes = static_cast<uint16_t>(random() % 4097);
    // One owner allocates what another frees.
    if (random() % 100 < ((i / 50'000) % 2 == 0 ? 55u : 45u)) {
      owner.allocate(bytes);
    } else {
      owner.free(bytes);
    }
    const Peak::Range range = peak.range();
    ASSERT_TRUE(holds(range, highest)) << i;
    ASSERT_LE(range.most - range.least, 2u * kMostHidden);
    ASSERT_GE(range.least, last.least);
    ASSERT_GE(range.most, last.most);
    last = range;
    // A reader who sees all of it live narrows the range from below.
    if (all_live == highest && i % 10 == 0) {
      peak.saw(static_cast<uint64_t>(highest));
      ASSERT_EQ(peak.range().least, static_cast<uint64_t>(highest));
    }
  }

  peak.leave(*third.slot);
  EXPECT_LE(std::abs(peak.live() - all_live), kMostHidden);
  peak.leave(*first.slot);
  peak.leave(*second.slot);
  EXPECT_EQ(peak.live(), all_live) << "who leaves hides nothing";
}

namespace {

void fork_and_go_on(Peak &peak, Owner &forks, Owner &vanishes) {
  EXPECT_FALSE(peak.is_alone(forks.slot.get()));
  peak.start_anew();
  for (Owner *owner : {&forks, &vanishes}) {
    const ThreadTotals totals = owner->slot->totals();
    peak.bring(*owner->slot, static_cast<int64_t>(totals.allocated_bytes - totals.freed_bytes));
  }
}

}  // namespace

TEST_F(PeakTest, AForkedChildStartsFromWhatTheSlotsHold) {
  Peak peak;
  Owner forks(peak, 1);
  EXPECT_TRUE(peak.is_alone(forks.slot.get()));
  Owner vanishes(peak, 2);
  forks.change(1'000'000);
  vanishes.change(2'000'000);
  vanishes.allocate(3000);
  // Half-way through telling.
  vanishes.slot->mark += 777;
  vanishes.slot->flushed += 99;
  fork_and_go_on(peak, forks, vanishes);
  EXPECT_EQ(peak.live(), 3'003'000);
  EXPECT_EQ(peak::noted(*vanishes.slot), 2'003'000);
  forks.change(5'000'000);
  vanishes.change(-2'003'000);
  EXPECT_EQ(peak.live(), 6'000'000);
  EXPECT_TRUE(holds(peak.range(), 8'003'000));
}

TEST_F(PeakTest, AChildOfAThreadThatNeverCountedKeepsTheMarkOfTheOneThatDid) {
  Peak peak;
  Owner first(peak, 1);
  first.change(5'000'000);
  first.change(-4'000'000);
  EXPECT_FALSE(peak.is_alone(nullptr));
  peak.start_anew();
  peak.bring(*first.slot, 1'000'000);
  EXPECT_EQ(peak.live(), 1'000'000);
  EXPECT_EQ(peak::noted(*first.slot), 1'000'000);
  EXPECT_EQ(peak.range().least, 5'000'000u);
  EXPECT_EQ(peak.range().most, 5'000'000u);
}

TEST_F(PeakTest, MoreThreadsMakeItLessExactButNotWhatWasKnownBefore) {
  Peak peak;
  Owner first(peak, 1), second(peak, 2);
  first.change(10'000'000);
  second.change(1);
  const Peak::Range before = peak.range();
  Owner many(peak, 50);
  const Peak::Range now = peak.range();
  EXPECT_EQ(now.least, before.least);
  EXPECT_GT(now.most, before.most);
}
