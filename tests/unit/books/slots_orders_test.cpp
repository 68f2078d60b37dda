// SPDX-License-Identifier: MIT
//
// What several threads and readers do to one set of slots: in every order of their steps, and at once.
#include "books/slots.cpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

#include "interleavings.h"

using namespace heapmeter;
using heapmeter::testing::Interleaving;

namespace {

using Stepped = SlotsWith<Interleaving>;

// Each owner counts so many blocks of as many bytes as its tid says: who is told of others' is found out.
constexpr uint64_t kBlocks = 2;

void count_as_owner(Slot &slot, uint64_t tid) {
  for (uint64_t block = 0; block < kBlocks; ++block) {
    bump(slot.counters.allocations[0], 1);
    bump(slot.counters.allocated_bytes, tid);
  }
  Interleaving::pause();
}

// Of one owner, and of nobody else.
bool is_whole(const Row &row) {
  if (!row.owned) return true;
  const auto tid = static_cast<uint64_t>(row.tid);
  return row.owners.allocations <= kBlocks && row.owners.allocated_bytes <= kBlocks * tid &&
         row.owners.allocated_bytes % tid == 0;
}

}  // namespace

TEST(SlotsOrders, ARowIsOneOwnersWhateverComesBetween) {
  auto slots = std::make_unique<Stepped>();
  Slot *slot = slots->acquire(1000);
  slots->release(slot);
  Interleaving order;
  uint64_t told = 0;
  while (order.another()) {
    // What earlier orders left there is before all this.
    slot->counters.allocations[0] = 7;
    slot->counters.allocated_bytes = 7'000'000;
    count_as_owner(*slots->acquire(1001), 1001);
    slots->release(slot);
    Row seen{};
    order.run({[&] {
                 Slot *mine = slots->acquire(1009);
                 ASSERT_EQ(mine, slot);
                 count_as_owner(*mine, 1009);
               },
               [&] { seen = slots->row(*slot); }});
    slots->release(slot);
    ASSERT_TRUE(is_whole(seen)) << "order " << order.orders() << ": " << seen.owners.allocated_bytes
                                << " bytes of " << seen.tid;
    ASSERT_GE(seen.before.allocated_bytes, 7'000'000u);
    ASSERT_TRUE(seen.tid != 1001 || !seen.owned || seen.owners.allocations == kBlocks) << "all that he did";
    told += seen.owned && seen.tid == 1009;
  }
  EXPECT_GT(order.orders(), 1000u);
  EXPECT_GT(told, 100u);
}

TEST(SlotsOrders, OfTwoThatComeAtOnceEachHasItsOwn) {
  Interleaving order;
  while (order.another()) {
    auto slots = std::make_unique<Stepped>();
    Slot *had[2] = {};
    size_t most = 0;
    const auto comer = [&](int who) {
      return [&, who] {
        had[who] = slots->acquire(who + 1);
        most = std::max(most, slots->owned_count());
      };
    };
    order.run({comer(0), comer(1)});
    ASSERT_NE(had[0], had[1]);
    ASSERT_EQ(most, 2u) << "the later one sees both";
    ASSERT_TRUE(slots->owned(*had[0]) && slots->owned(*had[1]));
    slots->unmap();
  }
  EXPECT_GT(order.orders(), 10u);
}

// The kernel may even give the number of one that is gone to the next.
TEST(SlotsOrders, WhoHasASlotOfOneThatIsGoneKeepsIt) {
  Interleaving order;
  uint64_t asked = 0;
  while (order.another()) {
    auto slots = std::make_unique<Stepped>();
    Slot *slot = slots->acquire(1001);
    slots->sign(slot);
    bool gone = false;
    Slot *next = nullptr;
    order.run({[&] {
                 slots->release(slot);
                 gone = true;
                 Interleaving::pause();
                 gone = false;
                 next = slots->acquire(1001);
                 slots->sign(next);
               },
               [&] {
                 slots->take_back(
                     nullptr, [&](int) { return ++asked, gone; },
                     [](Slot &) { FAIL() << "nobody has gone without a word"; });
               }});
    ASSERT_EQ(next, slot);
    ASSERT_TRUE(slots->owned(*slot)) << "order " << order.orders();
    slots->unmap();
  }
  EXPECT_GT(asked, 10u);
}

// The same with nobody choosing the order, and many more of them.
TEST(SlotsOrders, ThreadsThatComeAndGoAtOnceLoseNothingAndAreToldOfWhole) {
  constexpr int kRounds = 20;
  constexpr int kThreads = 3;
  constexpr int kTurns = 200;
  for (int round = 0; round < kRounds; ++round) {
    auto slots = std::make_unique<Slots>();
    std::barrier together(kThreads + 1);
    std::atomic<int> at_work = kThreads;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        together.arrive_and_wait();
        for (int turn = 0; turn < kTurns; ++turn) {
          const int tid = 1'000'003 + 1000 * t + turn;
          Slot *mine = slots->acquire(tid);
          count_as_owner(*mine, static_cast<uint64_t>(tid));
          if (turn % 7 == 0) slots->keep(mine, tid);
          slots->release(mine);
        }
        --at_work;
      });
    }
    together.arrive_and_wait();
    do {
      size_t cursor = 0;
      while (const Slot *slot = slots->next(cursor)) {
        const Row row = slots->row(*slot);
        EXPECT_TRUE(is_whole(row)) << row.owners.allocated_bytes << " bytes of " << row.tid;
      }
    } while (at_work > 0);
    for (auto &thread : threads) thread.join();
    uint64_t blocks = 0;
    size_t cursor = 0;
    while (const Slot *slot = slots->next(cursor)) blocks += slot->totals().allocations;
    EXPECT_EQ(blocks, kBlocks * kThreads * kTurns);
    EXPECT_EQ(slots->owned_count(), 0u);
    slots->unmap();
  }
}

// A child has its caller's slot only, and those that were being taken over are nobody's, whole rows again.
TEST(SlotsOrders, WhoeverIsForkedAwayHalfWayThroughTakingASlotLeavesItFree) {
  auto slots = std::make_unique<Slots>();
  Slot *mine = slots->acquire(5), *vanishing = slots->acquire(6);
  ++vanishing->turn;
  vanishing->counters.allocated_bytes = 60;
  EXPECT_FALSE(slots->row(*vanishing).owned) << "nobody knows yet whose";
  EXPECT_EQ(slots->row(*vanishing).before.allocated_bytes, 60u);
  slots->keep_only(mine);
  slots->keep(mine, 50);
  EXPECT_EQ(slots->owned_count(), 1u);
  EXPECT_EQ(slots->row(*mine).tid, 50);
  Slot *again = slots->acquire(7);
  EXPECT_EQ(again, vanishing);
  const Row row = slots->row(*again);
  EXPECT_TRUE(row.owned);
  EXPECT_EQ(row.tid, 7);
  EXPECT_EQ(row.owners.allocated_bytes, 0u);
  EXPECT_EQ(row.before.allocated_bytes, 60u);
  slots->unmap();
}
