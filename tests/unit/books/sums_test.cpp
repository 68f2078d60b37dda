// SPDX-License-Identifier: MIT
//
// Sums of slots, those that nobody owns kept from one reading to the next: in every order of steps, and at
// once.
#include "books/sums.cpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "books/sampling.h"
#include "books/slots.cpp"
#include "interleavings.h"

using namespace heapmeter;
using heapmeter::testing::Interleaving;

namespace {

using Stepped = SlotsWith<Interleaving>;

constexpr auto kMalloc = static_cast<size_t>(AllocationKind::k_malloc);
constexpr auto kFree = static_cast<size_t>(FreeKind::k_free);

void allocate(Slot &slot, uint64_t bytes) {
  sampling::take(slot, bytes);
  bump(slot.counters.tallies[tally_of(AllocationKind::k_malloc)][bytes].in, 1);
}
void release(Slot &slot, uint64_t bytes) {
  bump(slot.counters.tallies[tally_of(FreeKind::k_free)][bytes].out, 1);
}

template <typename SlotsKind>
struct Books {
  std::unique_ptr<SlotsKind> slots = std::make_unique<SlotsKind>();
  std::unique_ptr<KeptSums> kept = std::make_unique<KeptSums>();

  Books() = default;
  ~Books() { slots->unmap(); }
  ReadingOf<SlotsKind> reading() { return {*slots, *kept}; }
  uint64_t allocations() { return reading().allocated().blocks(); }
};

}  // namespace

TEST(Sums, AreOfAllSlotsWhoeverOwnsThem) {
  Books<Slots> books;
  std::vector<Slot *> owned;
  for (int i = 0; i < 200; ++i) owned.push_back(books.slots->acquire(i + 1));
  for (Slot *slot : owned) {
    for (int twice = 0; twice < 2; ++twice) allocate(*slot, 100);
    release(*slot, 100);
    bump(slot->counters.failures, 1);
  }
  bump_shared(books.slots->shared.counters.frees[kFree], 1);
  for (int i = 0; i < 150; ++i) books.slots->release(owned[static_cast<size_t>(i)]);
  for (int twice = 0; twice < 2; ++twice) {
    auto reading = books.reading();
    EXPECT_EQ(reading.freed().blocks(), 201u);
    EXPECT_EQ(reading.freed().bytes, 20'000u);
    EXPECT_EQ(reading.allocated().blocks(), 400u);
    EXPECT_EQ(reading.allocated().by_kind[kMalloc], 400u);
    EXPECT_EQ(reading.allocated().bytes, 40'000u);
    EXPECT_EQ(reading.allocated().usable, 400 * backend::class_bytes(100));
    EXPECT_EQ(reading.events().of[4], 200u);
    uint64_t theirs = 0;
    int rows = 0;
    const ThreadTotals others = reading.each_thread([&](const Row &row) {
      ++rows;
      theirs += row.owners.allocated_bytes;
    });
    EXPECT_EQ(rows, 50);
    EXPECT_EQ(theirs, 50u * 200);
    EXPECT_EQ(others.allocated_bytes, 150u * 200);
    EXPECT_EQ(others.frees, 151u);
  }
}

TEST(Sums, WhatNobodyOwnsIsNotSummedAgainUntilAnOwnerChanges) {
  Books<Slots> books;
  Slot *gone = books.slots->acquire(1), *there = books.slots->acquire(2);
  allocate(*gone, 10);
  books.slots->release(gone);
  EXPECT_EQ(books.allocations(), 1u);
  // As nobody may who does not own it: so that a second look would show.
  allocate(*gone, 10);
  EXPECT_EQ(books.allocations(), 1u);
  allocate(*there, 10);
  EXPECT_EQ(books.allocations(), 2u) << "an owned slot is looked at each time";
  {
    auto has_it = books.reading();
    EXPECT_EQ(books.allocations(), 3u) << "who comes second has nothing kept";
  }
  EXPECT_EQ(books.slots->acquire(3), gone);
  EXPECT_EQ(books.allocations(), 3u);
  books.slots->release(gone);
  EXPECT_EQ(books.allocations(), 3u);
  books.kept->use = KeptSums::Use::kTaken;
  books.kept->forget(books.slots->groups_used());
  allocate(*gone, 10);
  EXPECT_EQ(books.allocations(), 4u) << "a child begins anew";
}

TEST(Sums, TheHistogramIsKeptLikewise) {
  Books<Slots> books;
  const auto bins = std::make_unique<Bins>();
  const auto blocks = [&] {
    books.reading().bins(*bins);
    return bins->fine[fine_bin(10)].blocks_in;
  };
  std::vector<Slot *> owned;
  for (int i = 0; i < 150; ++i) owned.push_back(books.slots->acquire(i + 1));
  for (Slot *slot : owned) allocate(*slot, 10);
  EXPECT_EQ(blocks(), 150u);
  for (int i = 0; i < 140; ++i) books.slots->release(owned[static_cast<size_t>(i)]);
  EXPECT_EQ(blocks(), 150u);
  allocate(*owned[0], 10);  // so that a second look would show
  EXPECT_EQ(blocks(), 150u);
  allocate(*owned[149], 10);
  EXPECT_EQ(blocks(), 151u);
  {
    auto has_it = books.reading();
    EXPECT_EQ(blocks(), 152u);
  }
  books.slots->release(owned[149]);
  EXPECT_EQ(blocks(), 152u) << "another group's change, and all are looked at";
  EXPECT_EQ(books.slots->acquire(7), owned[0]);
  allocate(*owned[0], 10);
  EXPECT_EQ(blocks(), 153u);
  books.slots->release(owned[0]);
  EXPECT_EQ(blocks(), 153u);
  EXPECT_EQ(bins->fine[fine_bin(10)].bytes_in, 1530u);
}

TEST(Sums, OfAReadingWhileAnOwnerComesCountsAndGoesAreNeverLessThanTheLast) {
  Interleaving order;
  Books<Stepped> books;
  Slot *slot = books.slots->acquire(1);
  books.slots->release(slot);
  uint64_t counted = 0;
  while (order.another()) {
    const uint64_t before = books.allocations();
    ASSERT_EQ(before, counted);
    uint64_t during = 0;
    order.run({[&] {
                 Slot *mine = books.slots->acquire(2);
                 allocate(*mine, 10);
                 Interleaving::pause();
                 books.slots->release(mine);
               },
               [&] { during = books.allocations(); }});
    ++counted;
    ASSERT_TRUE(during == before || during == counted) << order.orders();
    ASSERT_EQ(books.allocations(), counted) << "order " << order.orders();
  }
  EXPECT_GT(order.orders(), 200u);
}

// The same with nobody choosing the order: threads come and go in many groups, two readers look on.
TEST(Sums, OfThreadsThatComeAndGoAreExactInTheEndAndOnlyGrow) {
  constexpr int kThreads = 3, kRounds = 3000;
  Books<Slots> books;
  std::vector<Slot *> first;
  for (int i = 0; i < 100; ++i) first.push_back(books.slots->acquire(i + 1));
  for (Slot *slot : first) books.slots->release(slot);
  std::atomic<int> at_work = kThreads;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        Slot *mine = books.slots->acquire(1000 + t);
        allocate(*mine, 10);
        release(*mine, 10);
        books.slots->release(mine);
      }
      --at_work;
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      uint64_t last = 0;
      do {
        auto reading = books.reading();
        const uint64_t freed = reading.freed().blocks(), allocated = reading.allocated().blocks();
        EXPECT_LE(freed, allocated);
        EXPECT_GE(allocated, last);
        last = allocated;
      } while (at_work > 0);
    });
  }
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(books.allocations(), uint64_t{kThreads} * kRounds);
  EXPECT_EQ(books.reading().freed().bytes, uint64_t{kThreads} * kRounds * 10);
}
