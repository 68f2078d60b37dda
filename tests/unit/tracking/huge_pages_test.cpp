// SPDX-License-Identifier: MIT
//
// Which segments the kernel is told of. The addresses are nobody's: what it is asked for them it refuses.
#include "tracking/huge_pages.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

using namespace heapmeter;

namespace {

constexpr int64_t kLarge = HugePages::kLeastLive, kSmall = kLarge - 1;

constexpr uintptr_t segment(uintptr_t number) { return (uintptr_t{9} << 40) + number * HugePages::kSegment; }

std::vector<uintptr_t> told(const HugePages &pages, uintptr_t most = 100) {
  std::vector<uintptr_t> numbers;
  for (uintptr_t number = 0; number < most; ++number) {
    if (pages.told_of(segment(number) + 4096)) numbers.push_back(number);
  }
  return numbers;
}

using Numbers = std::vector<uintptr_t>;

}  // namespace

TEST(HugePages, ASmallHeapHasNone) {
  HugePages pages;
  pages.saw(segment(1), kSmall, 1);
  EXPECT_EQ(told(pages), Numbers());
  pages.saw(segment(1), kLarge, 1);
  EXPECT_EQ(told(pages), Numbers()) << "which is not new any more";
  pages.saw(segment(2), kLarge, 1);
  EXPECT_EQ(told(pages), Numbers{2});
}

TEST(HugePages, OnlyTheNewestStayToldOf) {
  HugePages pages;
  for (uintptr_t number = 1; number <= 5; ++number) pages.saw(segment(number), kLarge, 1);
  EXPECT_EQ(told(pages), (Numbers{4, 5}));
  for (uintptr_t number = 1; number <= 5; ++number) pages.saw(segment(number), kLarge, 1);
  EXPECT_EQ(told(pages), (Numbers{4, 5})) << "seen before";
}

TEST(HugePages, ManyThreadsFillManyAtOnce) {
  HugePages pages;
  for (uintptr_t number = 1; number <= 6; ++number) pages.saw(segment(number), kLarge, 4);
  EXPECT_EQ(told(pages), (Numbers{3, 4, 5, 6}));
  for (uintptr_t number = 7; number <= 20; ++number) pages.saw(segment(number), kLarge, 100);
  EXPECT_EQ(told(pages).size(), 8u);
  pages.saw(segment(21), kLarge, 1);
  EXPECT_EQ(told(pages), (Numbers{20, 21})) << "threads have ended";
}

TEST(HugePages, SegmentsOfSeveralThreadsAreSeenInAnyOrder) {
  HugePages pages;
  pages.saw(segment(70), kLarge, 8);
  pages.saw(segment(68), kLarge, 8);
  pages.saw(segment(69), kLarge, 8);
  pages.saw(segment(2), kLarge, 8);
  EXPECT_EQ(told(pages), (Numbers{68, 69, 70})) << "what is far behind is old";
}

TEST(HugePages, WhereALargeBlockLiesThereAreNone) {
  HugePages pages;
  pages.saw(segment(1), kLarge, 1);
  pages.saw(segment(2), kLarge, 1);
  pages.saw_large(segment(1) + 70'000);
  EXPECT_EQ(told(pages), Numbers{2});
  pages.saw(segment(1), kLarge, 1);
  pages.saw_large(segment(3));
  pages.saw(segment(3), kLarge, 1);
  EXPECT_EQ(told(pages), Numbers{2}) << "nor where it was the first";
}

TEST(HugePages, WhatIsTakenBackStaysSo) {
  HugePages pages;
  for (uintptr_t number = 1; number <= 3; ++number) pages.saw(segment(number), kLarge, 1);
  pages.take_back();
  for (uintptr_t number = 1; number <= 3; ++number) pages.saw(segment(number), kLarge, 1);
  EXPECT_EQ(told(pages), Numbers());
  pages.saw(segment(4), kLarge, 1);
  EXPECT_EQ(told(pages), Numbers{4}) << "new ones";
  pages.in_child();
  EXPECT_EQ(told(pages), Numbers());
}

// Whoever is last to take all back leaves nothing behind, whatever the others are at.
TEST(HugePages, ManyThreadsAtOnce) {
  for (int round = 0; round < 50; ++round) {
    HugePages pages;
    std::vector<std::thread> threads;
    for (uintptr_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&pages, thread] {
        for (uintptr_t number = 1; number < 60; ++number) {
          const uintptr_t mine = segment(number * 4 + thread);
          pages.saw(mine, kLarge, 4);
          if (number % 7 == 0) pages.saw_large(mine);
          if (number % 11 == 0) pages.take_back();
        }
        pages.take_back();
      });
    }
    for (auto &thread : threads) thread.join();
    EXPECT_EQ(told(pages, 256), Numbers()) << round;
  }
}
