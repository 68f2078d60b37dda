// SPDX-License-Identifier: MIT
#include "backend/early_heap.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

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

TEST(EarlyHeap, EndsWithNull) {
  EXPECT_EQ(early_heap::allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(early_heap::allocate(SIZE_MAX - 40), nullptr);
  while (early_heap::allocate(4096) != nullptr) {
  }
  EXPECT_EQ(early_heap::allocate(4096), nullptr);
}
