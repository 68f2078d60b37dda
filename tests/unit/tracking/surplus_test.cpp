// SPDX-License-Identifier: MIT
#include "tracking/surplus.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "backend/allocator.h"
#include "books/meter.h"

using namespace heapmeter;

namespace {

constexpr int kNever = -1;

// What tracked_heap does, a MiB at a time, on a slot of the test's own.
struct Heap {
  Slot *slot = meter.slots.acquire(1);
  int live = 0;

  // Grows or shrinks to so many MiB; where giving back was switched on or off on the way.
  int to(int mib) {
    int switched = kNever;
    while (live != mib) {
      const int step = mib > live ? 1 : -1;
      live += step;
      meter.peak.change(*slot, step * (int64_t{1} << 20));
      if (surplus::look(*slot) && switched == kNever) switched = live;
    }
    return switched;
  }
};

using mimalloc::gives_back_soon;

// Switches it off, as a program does that goes on allocating.
void allocate_until_off() {
  for (int i = 1; i < 10'000; ++i) ASSERT_FALSE(surplus::allocated()) << i;
  EXPECT_TRUE(surplus::active());
  EXPECT_TRUE(surplus::allocated());
  EXPECT_FALSE(surplus::active());
  EXPECT_FALSE(gives_back_soon());
}

}  // namespace

// One process, one story: what was before decides how much must fall.
TEST(Surplus, GoesBackWhenTheHeapHasShrunkMuch) {
  surplus::begin();
  Heap heap;
  EXPECT_EQ(heap.to(100), kNever);
  EXPECT_EQ(heap.to(69), kNever) << "a fall of 31 MiB is too little";
  EXPECT_EQ(heap.to(99), kNever);
  EXPECT_EQ(heap.to(69), kNever) << "the highest counts, not the last";
  EXPECT_FALSE(gives_back_soon());
  errno = EXDEV;
  EXPECT_EQ(heap.to(68), 68);
  EXPECT_EQ(errno, EXDEV);
  EXPECT_TRUE(surplus::active());
  EXPECT_TRUE(gives_back_soon());
  allocate_until_off();

  EXPECT_EQ(heap.to(400), kNever);
  EXPECT_EQ(heap.to(301), kNever) << "less than a quarter";
  EXPECT_EQ(heap.to(300), 300);
  EXPECT_EQ(heap.to(308), kNever) << "8 MiB more are a pause, no growth";
  EXPECT_EQ(heap.to(309), 309);
  EXPECT_FALSE(surplus::active());
  EXPECT_FALSE(gives_back_soon());

  // The third time within five seconds 64 MiB must fall, then 128.
  EXPECT_EQ(heap.to(240), kNever) << "a quarter of 309 is 77 MiB";
  EXPECT_EQ(heap.to(231), 231);
  allocate_until_off();
  EXPECT_EQ(heap.to(104), kNever) << "127 MiB are more than a quarter, and too soon";
  EXPECT_EQ(heap.to(103), 103);
  allocate_until_off();

  // Time itself is what must pass; whole seconds are compared.
  std::this_thread::sleep_for(std::chrono::seconds(6));
  EXPECT_EQ(heap.to(72), kNever);
  EXPECT_EQ(heap.to(71), 71) << "32 MiB again";
  EXPECT_EQ(heap.to(10), kNever) << "on it stays while it shrinks";
  EXPECT_TRUE(surplus::active());
  allocate_until_off();

  EXPECT_EQ(heap.to(1000), kNever);
  heap.live = 0;
  meter.peak.change(*heap.slot, -(int64_t{1000} << 20));
  EXPECT_FALSE(surplus::look(meter.slots.shared)) << "it says nothing of one thread's heap";
  backend::next = next_heap::libc();
  EXPECT_FALSE(surplus::look(*heap.slot)) << "another allocator's pages are its own affair";
  backend::next = nullptr;
  EXPECT_TRUE(surplus::look(*heap.slot));
}
