// SPDX-License-Identifier: MIT
//
// Slots whose threads rest, as a processor with a weak order has them read: what is kept of them is never
// told beside what others did with it, and what they count is never missed.
#include <gtest/gtest.h>

#include <memory>

#include "backend/allocator.h"
#include "base/coarse_clock.h"
#include "base/sys.h"

namespace weak_heapmeter {
using namespace heapmeter;
namespace sys = heapmeter::sys;
namespace backend = heapmeter::backend;
namespace coarse_clock = heapmeter::coarse_clock;
}  // namespace weak_heapmeter

#include "in_every_order.h"
#include "instead_of_atomics.h"
#include "whole_notes.h"

#include "books/peak.cpp"
#include "books/sampling.h"
#include "books/slot.cpp"
#include "books/slots.cpp"
#include "books/sums.cpp"
#include "books/total.cpp"

namespace books = heapmeter;
using weak::Interleaving;
using weak::try_out;
using weak::Wrong;

namespace {

constexpr size_t kMalloc = tally_of(books::AllocationKind::k_malloc),
                 kFree = tally_of(books::FreeKind::k_free);
constexpr uint16_t kBytes = 100;

// Two threads at rest, that call as the fast path does.
struct Books {
  std::unique_ptr<books::Slots> slots = std::make_unique<books::Slots>();
  std::unique_ptr<books::KeptSums> kept = std::make_unique<books::KeptSums>();
  books::PeakWith<books::NoPauses> peak;
  books::Slot *slot[2] = {slots->acquire(1), slots->acquire(2)};
  uint64_t freed = 0, allocated = 0;  // as the reading last found it

  Books() {
    for (books::Slot *each : slot) {
      peak.join(*each, 2);
      books::sampling::set(*each, books::sampling::kNever);
      allocate(*each);
      allocate(*each);
      release(*each);
    }
    read();
    read();
  }
  ~Books() { slots->unmap(); }

  void allocate(books::Slot &of) {
    books::sampling::take(of, kBytes);
    books::bump(of.counters.tallies[kMalloc][kBytes].in, 1);
    if (books::peak::take(of, kBytes)) peak.settle_under(of);
  }
  void release(books::Slot &of) {
    books::bump(of.counters.tallies[kFree][kBytes].out, 1);
    if (books::peak::give(of, kBytes)) peak.settle_over(of);
  }
  bool rest() const { return slot[0]->at_rest.there && slot[1]->at_rest.there; }
  void read() {
    books::ReadingOf<books::Slots> reading(*slots, *kept);
    freed = reading.freed().blocks();
    allocated = reading.allocated().blocks();
  }
};

}  // namespace

// The first allocates, the second frees it, and a reading has had a look at the first before.
TEST(WeakAtRest, NoFreeIsToldBesideARestThatIsOver) {
  const Wrong wrong = try_out([](Interleaving &order) {
    Books books;
    if (!books.rest()) return false;
    bool handed_over = false, sane = false;
    order.run({[&] {
                 books.allocate(*books.slot[0]);
                 __atomic_store_n(&handed_over, true, __ATOMIC_RELEASE);
               },
               [&] {
                 if (__atomic_load_n(&handed_over, __ATOMIC_ACQUIRE)) books.release(*books.slot[1]);
               },
               [&] {
                 books.read();
                 sane = books.freed + 2 <= books.allocated;
                 Interleaving::pause();
                 books.read();
               }});
    return sane && books.freed + 2 <= books.allocated;
  });
  EXPECT_FALSE(wrong.as_it_is);
  EXPECT_TRUE(wrong.without_order);
}

// In whatever order each of its words arrives.
TEST(WeakAtRest, WhatIsCountedMeanwhileIsNotMissedAfterwards) {
  const Wrong wrong = try_out([](Interleaving &order) {
    Books books;
    if (!books.rest()) return false;
    order.run({[&] {
                 books.allocate(*books.slot[0]);
                 books.release(*books.slot[0]);
               },
               [&] {
                 books.read();
                 Interleaving::pause();
                 books.read();
               }});
    const bool sane = books.freed + 2 <= books.allocated;
    books.read();
    return sane && books.freed == 3 && books.allocated == 5;
  });
  EXPECT_FALSE(wrong.as_it_is);
}
