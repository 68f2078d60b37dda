// SPDX-License-Identifier: MIT
#include "growth/course.h"

#include <gtest/gtest.h>

namespace heapmeter::cli::growth {
namespace {

Point holding(std::uint64_t blocks, std::vector<std::uint64_t> lived = {}) {
  Point point;
  point.live_blocks = blocks;
  point.live_bytes = blocks * 10;
  point.allocations = blocks + 1;
  point.allocated_bytes = blocks * 11;
  point.lived = std::move(lived);
  return point;
}

std::vector<std::uint64_t> blocks_of(const Course &course, const std::string &place, std::size_t readings) {
  Series series(readings);
  course.add_to(series, place);
  std::vector<std::uint64_t> blocks;
  for (const Point &point : series) blocks.push_back(point.live_blocks);
  return blocks;
}

using Blocks = std::vector<std::uint64_t>;

TEST(Course, GivesBackWhatWasHeldAtEachReading) {
  Course course;
  course.add({{"a", holding(1)}, {"same", holding(7)}});
  course.add({{"a", holding(2)}, {"same", holding(7)}, {"late", holding(3)}});
  course.add({{"a", holding(2)}, {"same", holding(7)}});
  course.add({{"a", holding(1)}, {"same", holding(7)}, {"late", holding(3)}});
  EXPECT_EQ(blocks_of(course, "a", 4), (Blocks{1, 2, 2, 1}));
  EXPECT_EQ(blocks_of(course, "same", 4), (Blocks{7, 7, 7, 7}));
  EXPECT_EQ(blocks_of(course, "late", 4), (Blocks{0, 3, 0, 3})) << "what is not in a reading is nothing";
  EXPECT_EQ(blocks_of(course, "none", 4), (Blocks{0, 0, 0, 0}));
}

TEST(Course, AddsUpPlacesAndProcesses) {
  Course one, other;
  one.add({{"a", holding(1, {5})}, {"b", holding(10)}});
  other.add({{"a", holding(100, {1, 2})}});
  Series series(1);
  series[0].seconds = 3;
  one.add_to(series, "a");
  one.add_to(series, "b");
  other.add_to(series, "a");
  EXPECT_EQ(series[0].seconds, 3);
  EXPECT_EQ(series[0].live_blocks, 111u);
  EXPECT_EQ(series[0].live_bytes, 1110u);
  EXPECT_EQ(series[0].allocations, 114u);
  EXPECT_EQ(series[0].allocated_bytes, 1221u);
  EXPECT_EQ(series[0].lived, (Blocks{6, 2}));
}

}  // namespace
}  // namespace heapmeter::cli::growth
