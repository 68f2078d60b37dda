// SPDX-License-Identifier: MIT
#include "books/slots.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "books/thread_state.h"

using namespace heapmeter;

namespace {

size_t count_slots() {
  size_t cursor = 0;
  size_t count = 0;
  while (slots::next(cursor) != nullptr) ++count;
  return count;
}

}  // namespace

TEST(SlotRegistry, AReleasedSlotServesTheNextThreadWithTheSameTotals) {
  Slot *slot = slots::acquire(11);
  ASSERT_NE(slot, nullptr);
  bump(slot->counters.allocated_bytes, 500);
  bump(slot->counters.allocations[0], 5);
  slots::release(slot);
  Slot *again = slots::acquire(12);
  EXPECT_EQ(again, slot);
  EXPECT_EQ(again->tid, 12);
  EXPECT_EQ(slots::totals(*again).allocated_bytes, 500u);
  EXPECT_EQ(again->base.allocated_bytes, 500u) << "the new owner's own figures begin here";
  EXPECT_EQ(again->base.allocations, 5u);
  slots::release(again);
}

TEST(SlotRegistry, OwnedSlotsAreAllDifferent) {
  std::set<Slot *> mine;
  for (int i = 0; i < 100; ++i) mine.insert(slots::acquire(i));
  EXPECT_EQ(mine.size(), 100u);
  EXPECT_FALSE(mine.contains(nullptr));
  EXPECT_EQ(slots::owned_count(), 100u);
  for (Slot *slot : mine) {
    EXPECT_TRUE(slots::owned(slot));
    slots::release(slot);
    EXPECT_FALSE(slots::owned(slot));
  }
  EXPECT_EQ(slots::owned_count(), 0u);
}

TEST(SlotRegistry, TheSharedSlotIsVisitedLast) {
  Slot *slot = slots::acquire(1);
  size_t cursor = 0;
  Slot *last = nullptr;
  while (Slot *next = slots::next(cursor)) last = next;
  EXPECT_EQ(last, &slots::shared);
  slots::release(slot);
}

TEST(SlotRegistry, ThreadChurnReusesSlotsAndLosesNothing) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 10'000;
  static_assert(kThreads * kRounds > slots::kMaxSlots);
  uint64_t before = 0;
  size_t cursor = 0;
  while (const Slot *slot = slots::next(cursor)) before += slots::totals(*slot).allocated_bytes;
  const size_t used = std::max<size_t>(count_slots(), kThreads + 1);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      for (int round = 0; round < kRounds; ++round) {
        Slot *slot = slots::acquire(t);
        bump(slot->counters.allocated_bytes, 3);
        slots::release(slot);
      }
    });
  }
  for (auto &thread : threads) thread.join();
  uint64_t after = 0;
  cursor = 0;
  while (const Slot *slot = slots::next(cursor)) after += slots::totals(*slot).allocated_bytes;
  EXPECT_EQ(after - before, uint64_t{3} * kThreads * kRounds);
  EXPECT_LE(count_slots(), used);
}

TEST(SlotRegistry, AForkedChildKeepsItsOwnSlotOnly) {
  Slot *mine = slots::acquire(1);
  Slot *other = slots::acquire(2);
  slots::keep_only(mine);
  EXPECT_TRUE(slots::owned(mine));
  EXPECT_FALSE(slots::owned(other));
  slots::release(mine);
}

TEST(SlotRegistry, ThreadsBeyondTheLastSlotShareOneUntilASlotIsGivenBack) {
  std::vector<Slot *> mine;
  while (Slot *slot = slots::acquire(1)) mine.push_back(slot);
  EXPECT_EQ(mine.size(), slots::kMaxSlots);
  const uint64_t before = slots::totals(slots::shared).allocated_bytes;
  const auto count_one = [&](bool shared) {
    std::thread([&] {
      Slot &slot = threads::counting_slot();
      EXPECT_EQ(slot.shared, shared);
      bump_shared(slot.counters.allocated_bytes, 7);
      if (!shared) slots::release(&slot);
    }).join();
  };
  count_one(true);
  count_one(true);
  EXPECT_EQ(slots::totals(slots::shared).allocated_bytes - before, 14u);
  Slot *last = mine.back();
  mine.pop_back();
  slots::release(last);
  count_one(false);
  EXPECT_EQ(slots::totals(*last).allocated_bytes, 7u) << "the slot that was given back";
  for (Slot *slot : mine) slots::release(slot);
}
