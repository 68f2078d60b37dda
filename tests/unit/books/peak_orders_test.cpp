// SPDX-License-Identifier: MIT
//
// What several threads do to one peak: in every order of their steps, and thousands of times at once.
#include "books/peak.cpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <memory>
#include <random>

#include "interleavings.h"

using namespace heapmeter;
using heapmeter::testing::Interleaving;

namespace {

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kHidden = 16 * 1024;  // what one who grows alone need not tell

// A peak, and what must be true of it: while a block is being counted, it may be there already or not yet.
template <typename PeakKind>
struct Books {
  PeakKind peak;
  int64_t at_least = 0, at_most = 0;
  int64_t peak_at_least = 0, peak_at_most = 0;

  void note() {
    peak_at_least = std::max(peak_at_least, at_least);
    peak_at_most = std::max(peak_at_most, at_most);
  }
  void change(Slot &slot, int64_t bytes) {
    (bytes > 0 ? at_most : at_least) += bytes;
    note();
    peak.change(slot, bytes);
    (bytes > 0 ? at_least : at_most) += bytes;
    note();
  }
  ::testing::AssertionResult hold() {
    const auto range = peak.range();
    const auto least = static_cast<int64_t>(range.least), most = static_cast<int64_t>(range.most);
    if (at_least != at_most || std::abs(peak.live() - at_least) > kHidden)
      return ::testing::AssertionFailure() << "live " << peak.live() << ", not " << at_least;
    if (most < peak_at_least || least > peak_at_most)
      return ::testing::AssertionFailure()
             << "peak " << least << " to " << most << ", not " << peak_at_least << " to " << peak_at_most;
    return ::testing::AssertionSuccess();
  }
};

using Stepped = Books<PeakWith<Interleaving>>;

// Slots are large: emptied, not made anew.
struct Slots {
  std::unique_ptr<Slot[]> slots = std::make_unique<Slot[]>(3);

  Slot &operator[](size_t at) { return slots[at]; }
  void clear() {
    for (size_t at = 0; at < 3; ++at) {
      Slot &slot = slots[at];
      slot.headroom = 0;
      slot.own = true;
      slot.alone = false;
      slot.reserve = slot.mark = slot.flushed = 0;
    }
  }
};

// Tells it on books of its own in each order; what they say in the end must be so. Returns how many there
// are.
template <typename Tell>
size_t in_every_order(Tell tell) {
  Slots slots;
  Interleaving order;
  for (bool right = true; right && order.another();) {
    Stepped books;
    slots.clear();
    tell(books, slots, order);
    const auto held = books.hold();
    right = held && !::testing::Test::HasFailure();
    EXPECT_TRUE(held) << "in order " << order.orders();
  }
  return order.orders();
}

}  // namespace

TEST(PeakOrders, TwoNewcomersAtOnceLoseNothingOfWhatTheFirstHolds) {
  const size_t orders = in_every_order([](Stepped &books, Slots &slots, Interleaving &order) {
    books.peak.join(slots[0], 1);
    books.change(slots[0], 100'000);
    const auto newcomer = [&](size_t at) {
      return [&, at] {
        books.peak.join(slots[at], 3);
        books.change(slots[at], 64 * kMiB);
      };
    };
    order.run({newcomer(1), newcomer(2)});
  });
  EXPECT_GT(orders, 1000u);
}

TEST(PeakOrders, WhatTheFirstReachesWhileAnotherJoinsIsWithinTheBound) {
  const size_t orders = in_every_order([](Stepped &books, Slots &slots, Interleaving &order) {
    books.peak.join(slots[0], 1);
    books.change(slots[0], 1000);
    order.run({[&] {
                 books.change(slots[0], 64 * kMiB);
                 books.change(slots[0], -64 * kMiB);
               },
               [&] {
                 books.peak.join(slots[1], 2);
                 books.change(slots[1], 32 * kMiB);
               }});
  });
  EXPECT_GT(orders, 1000u);
}

TEST(PeakOrders, BlocksOfTheFirstThatANewcomerFreesMakeNoPeak) {
  const size_t orders = in_every_order([](Stepped &books, Slots &slots, Interleaving &order) {
    books.peak.join(slots[0], 1);
    books.change(slots[0], 64 * kMiB);
    order.run({[&] { books.change(slots[0], 64 * kMiB); },
               [&] {
                 books.peak.join(slots[1], 2);
                 books.change(slots[1], -64 * kMiB);
               }});
  });
  EXPECT_GT(orders, 100u);
}

TEST(PeakOrders, AReaderSeesThePeakOnlyGrow) {
  in_every_order([](Stepped &books, Slots &slots, Interleaving &order) {
    books.peak.join(slots[0], 1);
    books.change(slots[0], 64 * kMiB);
    books.change(slots[0], 1000);  // so little that the total does not know it
    books.peak.join(slots[1], 2);
    const auto before = books.peak.range();
    auto now = before;
    order.run({[&] { books.change(slots[0], -kMiB); }, [&] { now = books.peak.range(); }});
    EXPECT_TRUE(now.least >= before.least && now.most >= before.most);
  });
}

TEST(PeakOrders, TheSharedSlotJoinsToo) {
  auto shared = std::make_unique<Slot>();
  in_every_order([&shared](Stepped &books, Slots &slots, Interleaving &order) {
    shared->mark = 0;
    order.run({[&] {
                 books.peak.join(slots[0], 1);
                 books.change(slots[0], 2 * kMiB);
               },
               [&] { books.change(*shared, kMiB); }});
  });
}

// The same with nobody choosing the order: for the thread sanitizer, and for what no step divides.
TEST(PeakOrders, ThreadsThatJoinCountAndLeaveAtOnceLeaveTheTotalRight) {
  constexpr int kRounds = 10'000;
  constexpr size_t kThreads = 3;
  Slots slots;
  Peak *peak = nullptr;
  std::atomic<int64_t> held = 0;
  const auto between = [&]() noexcept {
    if (peak != nullptr) {
      EXPECT_EQ(peak->live(), held.load());
      EXPECT_GE(peak->range().most, static_cast<uint64_t>(held.load()));
    }
    delete peak;
    peak = new Peak;
    held = 0;
    slots.clear();
  };
  std::barrier together(kThreads, between);
  std::vector<std::thread> threads;
  for (size_t at = 0; at < kThreads; ++at) {
    threads.emplace_back([&, at] {
      std::mt19937 random(static_cast<unsigned>(at));
      for (int round = 0; round < kRounds; ++round) {
        together.arrive_and_wait();
        Slot &slot = slots[at];
        peak->join(slot, kThreads);
        int64_t mine = 0;
        for (int i = 0; i < 20; ++i) {
          const auto bytes = static_cast<uint16_t>(random() % 60'000);
          if (i % 5 == 0) {
            peak->change(slot, kMiB);
            mine += kMiB;
          }
          if (peak::take(slot, bytes)) peak->settle_under(slot);
          mine += bytes;
          if (i % 3 != 0) continue;
          if (peak::give(slot, bytes)) peak->settle_over(slot);
          mine -= bytes;
        }
        held += mine;
        EXPECT_EQ(peak::noted(slot), mine);
        peak->leave(slot);
      }
      together.arrive_and_wait();
    });
  }
  for (auto &thread : threads) thread.join();
  delete peak;
}
