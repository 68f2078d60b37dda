// SPDX-License-Identifier: MIT
//
// Slots, counters and the peak as a processor with a weak order runs them, arm64 for one: what stands in the
// books is true there, too; and would not be if their stores and loads had no order.
#include <gtest/gtest.h>

#include <memory>

#include "base/coarse_clock.h"
#include "base/sys.h"
#include "books/ledger.h"

namespace weak_heapmeter {
using namespace heapmeter;
namespace sys = heapmeter::sys;
namespace coarse_clock = heapmeter::coarse_clock;
}  // namespace weak_heapmeter

#include "in_every_order.h"
#include "instead_of_atomics.h"
#include "whole_notes.h"

#include "books/peak.cpp"
#include "books/slot.cpp"
#include "books/slots.cpp"
#include "books/total.cpp"
#include "tracking/mode.cpp"

namespace books = heapmeter;
using weak::Interleaving;
using weak::try_out;
using weak::WeakMemory;
using weak::Wrong;

namespace {

constexpr int64_t kMiB = 1 << 20;

// Each owner counts one block of as many bytes as its tid says.
void count_as_owner(books::Slot &slot, uint64_t tid) {
  books::bump(slot.counters.allocations[0], 1);
  books::bump(slot.counters.allocated_bytes, tid);
}

}  // namespace

// Who only reads may as well come last: he gets, of each word, any that was there.
TEST(WeakOrders, ARowIsOneOwners) {
  auto slots = std::make_unique<books::Slots>();
  books::Slot *slot = slots->acquire(1000);
  slots->release(slot);
  const Wrong wrong = try_out([&](Interleaving &order) {
    slot->counters.allocations[0] = 7;
    slot->counters.allocated_bytes = 7'000'000;
    count_as_owner(*slots->acquire(1001), 1001);
    slots->release(slot);
    books::Row row{};
    order.run({[&] { count_as_owner(*slots->acquire(1009), 1009); }, [&] { row = slots->row(*slot); }});
    slots->release(slot);
    const auto tid = static_cast<uint64_t>(row.tid);
    return row.before.allocated_bytes >= 7'000'000 &&
           (!row.owned || row.owners.allocated_bytes == 0 || row.owners.allocated_bytes == tid);
  });
  EXPECT_FALSE(wrong.as_it_is);
  EXPECT_TRUE(wrong.without_order);
}

TEST(WeakOrders, WhatAnOwnerCountsIsNotSeenBeforeThatItCame) {
  auto slots = std::make_unique<books::Slots>();
  books::Slot *slot = slots->acquire(1000);
  slots->release(slot);
  const Wrong wrong = try_out([&](Interleaving &order) {
    slot->counters.allocated_bytes = 7;
    bool kept = false;
    uint64_t bytes = 0;
    order.run({[&] { books::bump(slots->acquire(1)->counters.allocated_bytes, 5); },
               [&] {
                 const uint64_t changes = slots->changes(0);
                 const bool free = (slots->owned_of(0) & 1) == 0;
                 bytes = books::read(slot->counters.allocated_bytes);
                 kept = free && slots->changes(0) == changes;
               }});
    slots->release(slot);
    return !kept || bytes == 7;
  });
  EXPECT_FALSE(wrong.as_it_is);
  EXPECT_TRUE(wrong.without_order);
}

// The program hands a block from one thread to another in order, or it could not use it.
TEST(WeakOrders, NoFreeIsSeenBeforeItsAllocation) {
  auto slots = std::make_unique<books::Slot[]>(2);
  bool handed_over = false;
  const Wrong wrong = try_out([&](Interleaving &order) {
    slots[0].counters = {};
    slots[1].counters = {};
    handed_over = false;
    uint64_t frees = 0, allocations = 0;
    order.run({[&] {
                 books::bump(slots[0].counters.allocations[0], 1);
                 __atomic_store_n(&handed_over, true, __ATOMIC_RELEASE);
               },
               [&] {
                 if (!__atomic_load_n(&handed_over, __ATOMIC_ACQUIRE)) return;
                 books::bump(slots[1].counters.frees[0], 1);
               },
               [&] {
                 frees = books::read(slots[1].counters.frees[0]);
                 allocations = books::read(slots[0].counters.allocations[0]);
               }});
    return frees <= allocations;
  });
  EXPECT_FALSE(wrong.as_it_is);
  EXPECT_TRUE(wrong.without_order);
}

namespace {

using Stepped = books::PeakWith<Interleaving>;

struct Peak {
  std::unique_ptr<books::Slot[]> slots = std::make_unique<books::Slot[]>(2);
  std::unique_ptr<Stepped> peak;

  void begin() {
    peak = std::make_unique<Stepped>();
    for (size_t at = 0; at < 2; ++at) {
      slots[at].headroom = 0;
      slots[at].own = true;
      slots[at].alone = false;
      slots[at].reserve = slots[at].mark = slots[at].flushed = 0;
    }
    peak->join(slots[0], 1);
  }
};

}  // namespace

TEST(WeakOrders, TheTotalMissesNothingOfTwoThatComeAtOnceAndThePeakIsAtLeastIt) {
  Peak books;
  const Wrong wrong = try_out([&](Interleaving &order) {
    books.begin();
    order.run({[&] { books.peak->change(books.slots[0], 64 * kMiB); },
               [&] {
                 books.peak->join(books.slots[1], 2);
                 books.peak->change(books.slots[1], 32 * kMiB);
               }});
    return books.peak->live() == 96 * kMiB && books.peak->range().most >= static_cast<uint64_t>(96 * kMiB);
  });
  EXPECT_FALSE(wrong.as_it_is);
  // The total is changed as one, in whatever order with the rest: so it is without order.
  EXPECT_FALSE(wrong.without_order);
}

TEST(WeakOrders, AReaderSeesThePeakOnlyGrowWhileTheFirstNoticesThatItIsNotAlone) {
  Peak books;
  const Wrong wrong = try_out([&](Interleaving &order) {
    books.begin();
    books.peak->change(books.slots[0], 64 * kMiB);
    books.peak->change(books.slots[0], 1000);  // so little that the total does not know it
    books.peak->join(books.slots[1], 2);
    const auto before = books.peak->range();
    auto now = before;
    order.run({[&] { books.peak->change(books.slots[0], -kMiB); }, [&] { now = books.peak->range(); }});
    return now.least >= before.least && now.most >= before.most;
  });
  EXPECT_FALSE(wrong.as_it_is);
  EXPECT_TRUE(wrong.without_order);
}

TEST(WeakOrders, WhileThereIsAReasonNotToCountNobodyTakesTheFastPath) {
  namespace mode = books::mode;
  WeakMemory::pauses = true;
  const Wrong wrong = try_out([](Interleaving &order) {
    mode::reasons = mode::kNotCounting;
    mode::fast_span = mode::fast_granules = 0;
    order.run({[] { mode::remove(mode::kNotCounting); }, [] { mode::add(mode::kGoingBack); }});
    return mode::fast_span == 0 && mode::fast_granules == 0;
  });
  WeakMemory::pauses = false;
  EXPECT_FALSE(wrong.as_it_is);
  EXPECT_TRUE(wrong.without_order);
}
