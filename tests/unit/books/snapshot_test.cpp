// SPDX-License-Identifier: MIT
#include "books/snapshot.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstring>
#include <thread>
#include <vector>

#include "backend/allocator.h"
#include "tracking/tracked_heap.h"

using namespace heapmeter;

namespace {

heapmeter_snapshot taken() {
  heapmeter_snapshot now;
  snapshot::take(now);
  return now;
}

void *allocate(size_t bytes) {
  return tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes);
}

void release(void *block) { tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block); }

}  // namespace

TEST(Snapshot, BooksBalanceForEverySize) {
  tracked_heap::begin();
  const auto before = taken();
  uint64_t requested = 0;
  uint64_t usable = 0;
  std::vector<void *> blocks;
  for (size_t bytes : {0, 1, 15, 16, 17, 100, 1000, 4095, 4096, 4097, 5000, 100'000, 1'000'000, 40'000'000}) {
    blocks.push_back(allocate(bytes));
    requested += bytes;
    usable += tracked_heap::usable_bytes(blocks.back());
  }
  auto now = taken();
  EXPECT_EQ(now.live_bytes - before.live_bytes, requested);
  EXPECT_EQ(now.live_blocks - before.live_blocks, blocks.size());
  EXPECT_EQ(now.usable_bytes - before.usable_bytes, usable);
  EXPECT_EQ(now.live_bytes, now.allocated_bytes - now.freed_bytes);
  EXPECT_GE(now.peak_bytes, now.live_bytes);
  for (void *block : blocks) release(block);
  now = taken();
  EXPECT_EQ(now.live_bytes, before.live_bytes);
  EXPECT_EQ(now.usable_bytes, before.usable_bytes);
  EXPECT_EQ(now.frees - before.frees, blocks.size());
}

TEST(Snapshot, UsableIsTheBackendsAlsoForAlignedAndReallocatedBlocks) {
  const auto before = taken();
  uint64_t usable = 0;
  std::vector<void *> blocks;
  for (size_t alignment : {32, 64, 256, 4096, 65536}) {
    // Multiples of the alignment may lie so by themselves, and are then as regular as any.
    for (size_t bytes : {0, 1, 33, 192, 256, 500, 576, 832, 1024, 2048, 3072, 5000, 12'288, 200'000}) {
      void *block =
          tracked_heap::allocate_aligned<AllocationKind::k_aligned, Family::kMalloc>(bytes, alignment);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u);
      // Twice in place or moved: down by less than half, then up.
      block = tracked_heap::reallocate(block, bytes * 2 / 3 + 1);
      block = tracked_heap::reallocate(block, bytes + 40);
      blocks.push_back(block);
      usable += tracked_heap::usable_bytes(block);
    }
  }
  EXPECT_EQ(taken().usable_bytes - before.usable_bytes, usable);
  for (void *block : blocks) release(block);
  EXPECT_EQ(taken().usable_bytes, before.usable_bytes);
  EXPECT_EQ(taken().live_blocks, before.live_blocks);
}

TEST(Snapshot, ReadersDuringChurnSeeNoNegativeAndNoDecrease) {
  std::atomic<bool> done = false;
  std::vector<std::thread> workers;
  for (int t = 0; t < 3; ++t) {
    workers.emplace_back([&done, t] {
      std::vector<void *> held(64);
      for (uint64_t i = static_cast<uint64_t>(t); !done; i += 7) {
        void *&place = held[i % held.size()];
        release(place);
        place = allocate(i * 37 % 6000);
      }
      for (void *block : held) release(block);
    });
  }
  heapmeter_snapshot last = taken();
#if defined(__SANITIZE_THREAD__)
  constexpr int kReadings = 1000;  // each load of a counter takes a function's time
#else
  constexpr int kReadings = 3000;
#endif
  for (int i = 0; i < kReadings; ++i) {
    const auto now = taken();
    ASSERT_LT(now.live_bytes, uint64_t{1} << 40);
    ASSERT_LT(now.live_blocks, uint64_t{1} << 30);
    ASSERT_LT(now.usable_bytes, uint64_t{1} << 40);
    ASSERT_GE(now.allocated_bytes, last.allocated_bytes);
    ASSERT_GE(now.freed_bytes, last.freed_bytes);
    ASSERT_GE(now.allocations, last.allocations);
    ASSERT_GE(now.frees, last.frees);
    ASSERT_GE(now.peak_bytes, now.live_bytes);
    ASSERT_GE(now.peak_bytes, last.peak_bytes);
    ASSERT_LE(now.peak_error_bytes, now.peak_bytes);
    last = now;
  }
  done = true;
  for (auto &worker : workers) worker.join();
}

// What they hold is so little that no total knows of it: the counters do.
TEST(Snapshot, AtRestLiveIsWhatTheCountersSayAndThePeakNoLess) {
  constexpr int kThreads = 3;
  constexpr size_t kBytes = 20'000, kHighest = size_t{1} << 30;
  void *highest = allocate(kHighest);
  const auto before = taken();
  std::barrier together(kThreads + 1);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&together] {
      void *block = allocate(kBytes);
      together.arrive_and_wait();
      together.arrive_and_wait();
      release(block);
    });
  }
  together.arrive_and_wait();
  for (int twice = 0; twice < 2; ++twice) {
    const auto now = taken();
    EXPECT_EQ(now.live_bytes, before.live_bytes + kThreads * kBytes);
    EXPECT_EQ(now.freed_bytes, before.freed_bytes);
    EXPECT_GE(now.peak_bytes - now.peak_error_bytes + 1, now.live_bytes) << "the middle is rounded";
  }
  together.arrive_and_wait();
  for (auto &thread : threads) thread.join();
  release(highest);
}

TEST(Snapshot, CopiesWhatFitsAndZeroesTheRest) {
  const uint32_t library[] = {12, 1, 77};
  uint32_t larger[5] = {9, 9, 9, 9, 9};
  EXPECT_TRUE(snapshot::copy_out(library, sizeof library, larger, sizeof larger));
  EXPECT_EQ(larger[0], 12u);
  EXPECT_EQ(larger[2], 77u);
  EXPECT_EQ(larger[4], 0u);
  uint32_t smaller[3] = {9, 9, 9};
  EXPECT_TRUE(snapshot::copy_out(library, sizeof library, smaller, 8));
  EXPECT_EQ(smaller[0], 8u);
  EXPECT_EQ(smaller[2], 9u);
  EXPECT_FALSE(snapshot::copy_out(library, sizeof library, smaller, 7));
  EXPECT_FALSE(snapshot::copy_out(library, sizeof library, nullptr, 100));
}
