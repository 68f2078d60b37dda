// SPDX-License-Identifier: MIT
#include "backend/early_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace early_heap = heapmeter::early_heap;

TEST(EarlyHeap, BlocksAreZeroedAlignedAndApart) {
  char *before_end = nullptr;
  for (size_t bytes : {size_t{0}, size_t{1}, size_t{17}, size_t{100}}) {
    auto *block = static_cast<char *>(early_heap::allocate(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 16, 0u);
    EXPECT_GT(block, before_end);
    for (size_t i = 0; i < bytes; ++i) EXPECT_EQ(block[i], 0);
    EXPECT_EQ(early_heap::size_of(block), bytes);
    memset(block, 0xff, bytes);
    before_end = block + bytes - 1;
  }
}

TEST(EarlyHeap, HonoursAlignment) {
  EXPECT_EQ(reinterpret_cast<uintptr_t>(early_heap::allocate(10, 4096)) % 4096, 0u);
}

TEST(EarlyHeap, KnowsItsOwn) {
  int local = 0;
  EXPECT_TRUE(early_heap::owns(early_heap::allocate(1)));
  EXPECT_FALSE(early_heap::owns(&local));
  EXPECT_FALSE(early_heap::owns(nullptr));
}

TEST(EarlyHeap, GrowsByWhatIsAskedFor) {
  for (const size_t bytes : {size_t{13'000}, size_t{1'000'000}, size_t{5'000'000}, size_t{13'000}}) {
    for (int i = 0; i < 40; ++i) {
      auto *block = static_cast<char *>(early_heap::allocate(bytes));
      ASSERT_NE(block, nullptr) << bytes;
      block[0] = block[bytes - 1] = 'x';
      EXPECT_TRUE(early_heap::owns(block));
      EXPECT_EQ(early_heap::size_of(block), bytes);
    }
  }
}

TEST(EarlyHeap, BlocksOfManyThreadsAreApart) {
  constexpr int kThreads = 4, kBlocks = 2'000;
  std::vector<char *> blocks[kThreads];
  std::vector<std::thread> threads;
  for (auto &mine : blocks) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < kBlocks; ++i) mine.push_back(static_cast<char *>(early_heap::allocate(1'000)));
    });
  }
  for (auto &thread : threads) thread.join();
  std::vector<char *> all;
  for (const auto &some : blocks) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  ASSERT_NE(all.front(), nullptr);
  for (size_t i = 1; i < all.size(); ++i) ASSERT_GE(all[i] - all[i - 1], 1'000);
}

TEST(EarlyHeap, RefusesWhatNoMachineHas) {
  EXPECT_EQ(early_heap::allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(early_heap::allocate(SIZE_MAX - 40), nullptr);
  EXPECT_EQ(early_heap::allocate(1, SIZE_MAX / 2 + 1), nullptr);
}
