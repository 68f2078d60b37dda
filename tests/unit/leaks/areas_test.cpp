// SPDX-License-Identifier: MIT
#include "leaks/areas.h"

#include <gtest/gtest.h>

#include <random>

using namespace heapmeter::leaks;

namespace {

TEST(Areas, OverlappingOnesBecomeOne) {
  Areas areas;
  ASSERT_TRUE(areas.reserve(8));
  areas.add(300, 400);
  areas.add(100, 200);
  areas.add(200, 250);
  areas.add(50, 50);
  areas.add(350, 500);
  areas.sort();
  ASSERT_EQ(areas.size(), 2u);
  EXPECT_EQ(areas[0].start, 100u);
  EXPECT_EQ(areas[0].end, 250u);
  EXPECT_EQ(areas[1].end, 500u);
  EXPECT_TRUE(areas.overlaps(249, 260));
  EXPECT_FALSE(areas.overlaps(250, 300));
  EXPECT_EQ(areas.first_behind(499), 1u);
  EXPECT_EQ(areas.first_behind(500), 2u);
}

TEST(Areas, SayThatTheyAreNotAll) {
  Areas areas;
  ASSERT_TRUE(areas.reserve(2));
  areas.add(1, 2);
  areas.add(5, 6);
  EXPECT_TRUE(areas.complete());
  areas.add(9, 10);
  EXPECT_FALSE(areas.complete());
}

TEST(Areas, CoverWhatWasAddedAndNothingElse) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Areas areas;
    ASSERT_TRUE(areas.reserve(64));
    bool covered[512] = {};
    for (int i = 0; i < 40; ++i) {
      const size_t start = random() % 500, end = start + random() % 12;
      areas.add(start, end);
      for (size_t at = start; at < end; ++at) covered[at] = true;
    }
    areas.sort();
    for (size_t at = 0; at < 512; ++at) ASSERT_EQ(areas.overlaps(at, at + 1), covered[at]) << round;
  }
}

}  // namespace
