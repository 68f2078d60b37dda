// SPDX-License-Identifier: MIT
#include "backend/mapped_heap.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace heapmeter;

namespace {

constexpr size_t kMiB = size_t{1} << 20;

bool aligned(const void *start, size_t alignment) {
  return reinterpret_cast<uintptr_t>(start) % alignment == 0;
}

TEST(MappedHeap, HasRoomForWhatWasAskedInWholePages) {
  const mapped_heap::Block block = mapped_heap::allocate(kMiB + 1, 16);
  ASSERT_NE(block.start, nullptr);
  EXPECT_EQ(block.mapped, kMiB + 4096);
  const char *bytes = static_cast<char *>(block.start);
  for (size_t i = 0; i < block.mapped; ++i) ASSERT_EQ(bytes[i], 0) << i;
  mapped_heap::release(block);
}

TEST(MappedHeap, AlignsAsAsked) {
  for (size_t alignment = 16; alignment <= 256 * kMiB; alignment *= 2) {
    const mapped_heap::Block block = mapped_heap::allocate(kMiB, alignment);
    ASSERT_NE(block.start, nullptr) << alignment;
    EXPECT_TRUE(aligned(block.start, alignment)) << alignment;
    std::memset(block.start, 1, block.mapped);
    mapped_heap::release(block);
  }
}

TEST(MappedHeap, KeepsItsBytesWhenItGrowsShrinksAndMoves) {
  mapped_heap::Block block = mapped_heap::allocate(kMiB, 16);
  std::memset(block.start, 7, kMiB);
  block = mapped_heap::move(block, 100 * kMiB);
  ASSERT_NE(block.start, nullptr);
  EXPECT_EQ(block.mapped, 100 * kMiB);
  const char *bytes = static_cast<char *>(block.start);
  EXPECT_EQ(bytes[0], 7);
  EXPECT_EQ(bytes[kMiB - 1], 7);
  EXPECT_EQ(bytes[100 * kMiB - 1], 0);
  block = mapped_heap::resize(block, kMiB / 2);
  EXPECT_EQ(block.start, static_cast<const void *>(bytes)) << "shrinking moves nothing";
  EXPECT_EQ(block.mapped, kMiB / 2);
  mapped_heap::release(block);
}

TEST(MappedHeap, RefusesWhatThereIsNot) {
  EXPECT_EQ(mapped_heap::allocate(~size_t{0}, 16).start, nullptr);
  EXPECT_EQ(mapped_heap::allocate(~size_t{0} / 2, ~size_t{0} / 2 + 1).start, nullptr);
  const mapped_heap::Block block = mapped_heap::allocate(kMiB, 16);
  EXPECT_EQ(mapped_heap::resize(block, size_t{1} << 46).mapped, kMiB) << "unchanged";
  EXPECT_EQ(mapped_heap::move(block, size_t{1} << 46).start, nullptr);
  std::memset(block.start, 1, kMiB);
  mapped_heap::release(block);
}

TEST(MappedHeap, TakesNoMoreOfASizeThatIsReleased) {
  ASSERT_FALSE(mapped_heap::takes(4096));
  ASSERT_TRUE(mapped_heap::takes(3 * kMiB));
  mapped_heap::release(mapped_heap::allocate(3 * kMiB, 16));
  EXPECT_FALSE(mapped_heap::takes(3 * kMiB));
  EXPECT_TRUE(mapped_heap::takes(4 * kMiB));
  mapped_heap::release(mapped_heap::allocate(mapped_heap::kAlways, 16));
  EXPECT_TRUE(mapped_heap::takes(mapped_heap::kAlways)) << "the largest are never the allocator's";
}

}  // namespace
