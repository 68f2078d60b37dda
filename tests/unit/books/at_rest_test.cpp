// SPDX-License-Identifier: MIT
//
// Slots whose threads rest are not summed again, and what they count is never missed: in every order of the
// steps of calls and readings.
#include "books/at_rest.h"

#include <gtest/gtest.h>

#include <memory>

#include "books/peak.cpp"
#include "books/sampling.h"
#include "books/slots.cpp"
#include "books/sums.cpp"
#include "interleavings.h"

using namespace heapmeter;
using heapmeter::testing::Interleaving;

namespace {

constexpr size_t kMalloc = tally_of(AllocationKind::k_malloc), kFree = tally_of(FreeKind::k_free);

// A slot whose thread calls as the fast path does, step by step.
template <typename Pauses>
struct Books {
  using SlotsKind = SlotsWith<Pauses>;

  std::unique_ptr<SlotsKind> slots = std::make_unique<SlotsKind>();
  std::unique_ptr<KeptSums> kept = std::make_unique<KeptSums>();
  PeakWith<NoPauses> peak;
  Slot *slot = slots->acquire(1);
  uint64_t blocks_in = 0, blocks_out = 0;

  Books() {
    peak.join(*slot, 1);
    sampling::set(*slot, sampling::kNever);
  }
  ~Books() { slots->unmap(); }

  // So that no peak tells of what follows.
  void go_up_and_down() {
    allocate(1000);
    release(1000);
  }

  void allocate(uint16_t bytes) {
    sampling::take(*slot, bytes);
    Pauses::pause();
    bump(slot->counters.tallies[kMalloc][bytes].in, 1);
    Pauses::pause();
    if (peak::take(*slot, bytes)) peak.settle_under(*slot);
    Pauses::pause();
    ++blocks_in;
  }
  void release(uint16_t bytes) {
    bump(slot->counters.tallies[kFree][bytes].out, 1);
    Pauses::pause();
    if (peak::give(*slot, bytes)) peak.settle_over(*slot);
    ++blocks_out;
  }
  void allocate_untallied(uint64_t bytes) {
    sampling::take(*slot, bytes);
    Cell &cell = fine_cell(slot->counters, static_cast<uint32_t>(bytes));
    bump(cell.bytes_in, bytes);
    bump(cell.blocks_in, 1);
    Pauses::pause();
    peak.change(*slot, static_cast<int64_t>(bytes));
    Pauses::pause();
    bump(slot->counters.allocations[static_cast<size_t>(AllocationKind::k_aligned)], 1);
    Pauses::pause();
    bump(slot->counters.allocated_bytes, bytes);
    ++blocks_in;
  }
  // As nobody may: so that a second look would show.
  void tamper() { bump(slot->counters.tallies[kMalloc][10].in, 1); }

  ReadingOf<SlotsKind> reading() { return {*slots, *kept}; }
  void read() {
    auto reading = this->reading();
    reading.freed();
    reading.allocated();
  }
  uint64_t allocations() {
    auto reading = this->reading();
    reading.freed();
    return reading.allocated().blocks();
  }
  void expect_all(size_t orders) {
    auto reading = this->reading();
    ASSERT_EQ(reading.freed().blocks(), blocks_out) << "order " << orders;
    ASSERT_EQ(reading.allocated().blocks(), blocks_in) << "order " << orders;
  }
};

}  // namespace

TEST(AtRest, IsNotSummedAgainUntilItCounts) {
  Books<NoPauses> books;
  books.allocate(100);
  EXPECT_EQ(books.allocations(), 1u);
  EXPECT_EQ(books.allocations(), 1u);
  books.tamper();
  EXPECT_EQ(books.allocations(), 1u) << "at rest";
  books.allocate(100);
  EXPECT_EQ(books.allocations(), 3u);
  {
    auto has_it = books.reading();
    books.tamper();
    EXPECT_EQ(books.allocations(), 4u) << "who comes second has nothing kept";
  }
}

TEST(AtRest, ItsRowIsNotSummedAgainEither) {
  Books<NoPauses> books;
  books.allocate(100);
  const auto of_row = [&] {
    uint64_t found = 0;
    auto reading = books.reading();
    reading.each_thread([&](const Row &row) { found = row.owners.allocations; });
    return found;
  };
  EXPECT_EQ(of_row(), 1u);
  EXPECT_EQ(of_row(), 1u);
  books.tamper();
  EXPECT_EQ(of_row(), 1u) << "at rest";
  books.allocate(100);
  EXPECT_EQ(of_row(), 3u);
}

TEST(AtRest, IsOverWithEachKindOfCall) {
  Books<NoPauses> books;
  books.go_up_and_down();
  for (int i = 0; i < 3; ++i) books.allocate(100);
  books.allocate(0);
  const auto look = [&] {
    books.expect_all(0);
    books.expect_all(0);
    ASSERT_TRUE(books.slot->at_rest.there);
  };
  look();
  books.release(100);
  look();
  // As many live bytes as before.
  books.allocate(100);
  books.release(100);
  look();
  books.allocate(0);
  look();
  books.release(0);
  look();
  books.allocate_untallied(100);
  look();
  // By what runs over exactly to where the headroom was.
  for (int i = 0; i < 512; ++i) books.release(64);
  look();
  for (int i = 0; i < 1024; ++i) books.release(64);
  look();
}

TEST(AtRest, IsOverWhenSamplingComesAndGoes) {
  Books<NoPauses> books;
  books.allocate(100);
  books.release(100);
  books.go_up_and_down();
  books.read();
  books.read();
  ASSERT_TRUE(books.slot->at_rest.there);
  sampling::set(*books.slot, 1000);
  books.allocate(100);
  books.release(100);
  sampling::set(*books.slot, sampling::kNever);
  // What is left is as it was before.
  books.allocate(100);
  books.release(100);
  books.go_up_and_down();
  books.expect_all(0);
}

TEST(AtRest, RestsAgainAfterSamplingAndMeanwhile) {
  Books<NoPauses> books;
  books.go_up_and_down();
  books.allocate(100);
  for (const uint64_t next :
       {uint64_t{100'000}, uint64_t{7'000}, sampling::kNever, uint64_t{0}, sampling::kNever}) {
    sampling::set(*books.slot, next);
    books.allocate(200);
    books.expect_all(0);
    books.expect_all(0);
    EXPECT_TRUE(books.slot->at_rest.there) << next;
  }
  books.allocate(300);
  books.expect_all(0);
}

// As often as it is switched, in the middle of a call or not: nothing is missed.
TEST(AtRest, NorOfACallDuringWhichSamplingComesAndGoes) {
  Interleaving order;
  size_t rested = 0;
  while (order.another()) {
    Books<Interleaving> books;
    books.go_up_and_down();
    books.allocate(100);
    order.run({[&] {
                 books.allocate(100);
                 books.release(100);
               },
               [&] {
                 sampling::set(*books.slot, 100'000);
                 books.read();
                 sampling::set(*books.slot, sampling::kNever);
               }});
    books.expect_all(order.orders());
    books.expect_all(order.orders());
    rested += books.slot->at_rest.there;
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(order.orders(), 200u);
  EXPECT_EQ(rested, order.orders());
}

TEST(AtRest, WhateverACallHasDoneOfItsStepsWhenItIsReadNothingIsMissed) {
  Interleaving order;
  while (order.another()) {
    Books<Interleaving> books;
    books.go_up_and_down();
    books.allocate(100);
    order.run({[&] {
                 books.allocate(100);
                 books.release(100);
               },
               [&] {
                 books.read();
                 books.read();
               }});
    books.expect_all(order.orders());
    books.expect_all(order.orders());
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(order.orders(), 200u);
}

TEST(AtRest, NorOfACallWithoutATally) {
  Interleaving order;
  while (order.another()) {
    Books<Interleaving> books;
    books.go_up_and_down();
    books.allocate(100);
    order.run({[&] {
                 books.allocate_untallied(200);
                 books.release(100);
                 books.release(100);
               },
               [&] { books.read(); }});
    books.expect_all(order.orders());
    books.expect_all(order.orders());
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(order.orders(), 200u);
}
