// SPDX-License-Identifier: MIT
#include "books/meter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "books/thread_state.h"

using namespace heapmeter;

namespace {

size_t count_slots() {
  size_t cursor = 0;
  size_t count = 0;
  while (meter.slots.next(cursor) != nullptr) ++count;
  return count;
}

}  // namespace

TEST(Slots, OfWhoIsGoneWithoutAWordGoToTheNextWithAllThatWasCounted) {
  auto slots = std::make_unique<Slots>();
  Slot *mine = slots->acquire(1), *gone = slots->acquire(2), *there = slots->acquire(3);
  Slot *unsigned_one = slots->acquire(4);
  for (Slot *slot : {mine, gone, there}) slots->sign(slot);
  bump(gone->counters.allocated_bytes, 20);
  std::vector<Slot *> told;
  slots->take_back(
      mine, [](int tid) { return tid != 3; }, [&](Slot &slot) { told.push_back(&slot); });
  EXPECT_EQ(told, std::vector<Slot *>{gone}) << "not the caller's, nor who cannot be asked for";
  EXPECT_EQ(slots->owned_count(), 3u);
  EXPECT_TRUE(slots->owned(*unsigned_one));
  EXPECT_EQ(slots->acquire(5), gone);
  EXPECT_EQ(slots->row(*gone).before.allocated_bytes, 20u);
  slots->take_back(
      mine, [](int) { return true; }, [](Slot &) {});
  EXPECT_TRUE(slots->owned(*gone)) << "who has not signed is not asked for";
  slots->unmap();
}

TEST(Slots, AreACrowdWhenNoneIsFreeAndHalfOfThemWereTakenSince) {
  auto slots = std::make_unique<Slots>();
  std::vector<Slot *> all;
  const auto take = [&] { all.push_back(slots->acquire(static_cast<int>(all.size()) + 1)); };
  while (all.size() < 63) take();
  EXPECT_FALSE(slots->crowded()) << "of few nobody is asked for";
  take();
  EXPECT_TRUE(slots->crowded());
  EXPECT_FALSE(slots->crowded()) << "once";
  while (all.size() < 126) take();
  EXPECT_FALSE(slots->crowded());
  take();
  EXPECT_TRUE(slots->crowded());
  for (int turn = 0; turn < 100; ++turn) {
    slots->release(all.back());
    EXPECT_FALSE(slots->crowded()) << "one is free";
    EXPECT_EQ(slots->acquire(1), all.back());
  }
  EXPECT_TRUE(slots->crowded());
  slots->unmap();
}

TEST(Slots, AReleasedSlotServesTheNextThreadWithTheSameTotals) {
  auto slots = std::make_unique<Slots>();
  Slot *slot = slots->acquire(11);
  ASSERT_NE(slot, nullptr);
  bump(slot->counters.allocated_bytes, 500);
  bump(slot->counters.allocations[0], 5);
  slots->release(slot);
  Slot *again = slots->acquire(12);
  EXPECT_EQ(again, slot);
  EXPECT_EQ(again->tid, 12);
  EXPECT_EQ(again->totals().allocated_bytes, 500u);
  EXPECT_EQ(again->base.allocated_bytes, 500u) << "the new owner's own figures begin here";
  EXPECT_EQ(again->base.allocations, 5u);
  slots->unmap();
}

TEST(Slots, OwnedSlotsAreAllDifferent) {
  std::set<Slot *> mine;
  for (int i = 0; i < 100; ++i) mine.insert(meter.slots.acquire(i));
  EXPECT_EQ(mine.size(), 100u);
  EXPECT_FALSE(mine.contains(nullptr));
  EXPECT_EQ(meter.slots.owned_count(), 100u);
  for (Slot *slot : mine) {
    EXPECT_TRUE(meter.slots.owned(*slot));
    meter.slots.release(slot);
    EXPECT_FALSE(meter.slots.owned(*slot));
  }
  EXPECT_EQ(meter.slots.owned_count(), 0u);
}

TEST(Slots, TheSharedSlotIsVisitedLast) {
  Slot *slot = meter.slots.acquire(1);
  size_t cursor = 0;
  Slot *last = nullptr;
  while (Slot *next = meter.slots.next(cursor)) last = next;
  EXPECT_EQ(last, &meter.slots.shared);
  meter.slots.release(slot);
}

TEST(Slots, ThreadChurnReusesSlotsAndLosesNothing) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 10'000;
  static_assert(kThreads * kRounds > Slots::kMost);
  uint64_t before = 0;
  size_t cursor = 0;
  while (const Slot *slot = meter.slots.next(cursor)) before += slot->totals().allocated_bytes;
  const size_t used = std::max<size_t>(count_slots(), kThreads + 1);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      for (int round = 0; round < kRounds; ++round) {
        Slot *slot = meter.slots.acquire(t);
        bump(slot->counters.allocated_bytes, 3);
        meter.slots.release(slot);
      }
    });
  }
  for (auto &thread : threads) thread.join();
  uint64_t after = 0;
  cursor = 0;
  while (const Slot *slot = meter.slots.next(cursor)) after += slot->totals().allocated_bytes;
  EXPECT_EQ(after - before, uint64_t{3} * kThreads * kRounds);
  EXPECT_LE(count_slots(), used);
}

TEST(Slots, AForkedChildKeepsItsOwnSlotOnly) {
  Slot *mine = meter.slots.acquire(1);
  Slot *other = meter.slots.acquire(2);
  meter.slots.keep_only(mine);
  EXPECT_TRUE(meter.slots.owned(*mine));
  EXPECT_FALSE(meter.slots.owned(*other));
  meter.slots.release(mine);
}

TEST(Slots, ThreadsBeyondTheLastSlotShareOneUntilASlotIsGivenBack) {
  std::vector<Slot *> mine;
  while (Slot *slot = meter.slots.acquire(1)) mine.push_back(slot);
  EXPECT_EQ(mine.size(), Slots::kMost);
  const uint64_t before = meter.slots.shared.totals().allocated_bytes;
  const auto count_one = [&](bool shared) {
    std::thread([&] {
      Slot &slot = threads::counting_slot();
      EXPECT_EQ(!slot.own, shared);
      bump_shared(slot.counters.allocated_bytes, 7);
      if (!shared) meter.slots.release(&slot);
    }).join();
  };
  count_one(true);
  count_one(true);
  EXPECT_EQ(meter.slots.shared.totals().allocated_bytes - before, 14u);
  Slot *last = mine.back();
  mine.pop_back();
  const uint64_t counted = last->totals().allocated_bytes;
  meter.slots.release(last);
  count_one(false);
  EXPECT_EQ(last->totals().allocated_bytes - counted, 7u) << "the slot that was given back";
  for (Slot *slot : mine) meter.slots.release(slot);
}
