// SPDX-License-Identifier: MIT
#include "views/class_table.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

namespace {

TEST(ClassTable, CountsWhatIsInOneReadingOnlyAsZeroInTheOther) {
  const auto list = changes({{16, 5, 60, 80, 9, 4}, {32, 2, 50, 64, 2, 0}},
                            {{16, 4, 48, 64, 10, 6}, {64, 1, 50, 64, 1, 0}});
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].now.live_bytes, 48u);
  EXPECT_EQ(list[0].live_blocks, -1);
  EXPECT_EQ(list[0].live_bytes, -12);
  EXPECT_EQ(list[0].allocations, 1);
  EXPECT_EQ(list[1].now.class_bytes, 32u);
  EXPECT_EQ(list[1].live_bytes, -50);
  EXPECT_EQ(list[2].live_blocks, 1);
  EXPECT_EQ(list[2].allocations, 1);
}

TEST(ClassTable, HasARateAndLeavesUnusedClassesOut) {
  const auto list =
      changes({{16, 0, 0, 0, 9, 9}, {32, 1, 30, 32, 2, 1}}, {{16, 0, 0, 0, 9, 9}, {32, 3, 90, 96, 6, 3}});
  EXPECT_EQ(size_table(list, 0.5, Since::kJustNow, Units{true}, Paint(false), false, 0),
            "CLASS  BLOCKS  LIVE  ROUNDING  ALLOCS/S\n"
            " <=32       3    90         6         8  ####################\n"
            "total       3    90         6         8\n");
}

TEST(ClassTable, AddsUp) {
  const auto list = changes({{16, 4, 40, 64, 4, 0}, {32, 2, 50, 64, 2, 0}},
                            {{16, 3, 30, 48, 5, 2}, {32, 3, 90, 96, 6, 3}, {64, 0, 0, 0, 7, 7}});
  EXPECT_EQ(size_table(list, 1, Since::kMark, Units{true}, Paint(false), false, 0),
            "CLASS  BLOCKS  LIVE  ROUNDING  ALLOCS/S  BLOCKS +/-  LIVE +/-\n"
            " <=16       3    30        18         1          -1       -10  #######\n"
            " <=32       3    90         6         4          +1       +40  ####################\n"
            " <=64       0     0         0         7           0         0\n"
            "total       6   120        24        12           0       +30\n");
}

TEST(ClassTable, FitsANarrowTerminal) {
  const auto list = changes({}, {{32, 3, 90, 96, 6, 3}});
  const auto at = [&](int width) {
    const std::string table = size_table(list, 1, Since::kJustNow, Units{true}, Paint(false), false, width);
    return table.substr(table.find('\n') + 1, table.find("\ntotal") - table.find('\n') - 1);
  };
  EXPECT_EQ(at(80), " <=32       3    90         6         6  ####################");
  EXPECT_EQ(at(49), " <=32       3    90         6         6  ########");
  EXPECT_EQ(at(44), " <=32       3    90         6         6");
}

TEST(ClassTable, NamesAClassByTheRequestsThatBelongToIt) {
  const auto label = [](std::uint64_t least, std::uint64_t most) {
    return class_label({.class_bytes = most, .least_bytes = least}, Units{}, true);
  };
  EXPECT_EQ(label(0, 16), "0–16 B");
  EXPECT_EQ(label(897, 1024), "897–1024 B");
  EXPECT_EQ(label(1025, 1280), "1.00–1.25 KiB");
  EXPECT_EQ(label(8193, 10'240), "8.00–10.0 KiB");
  EXPECT_EQ(label(917'505, 1'048'576), "896–1024 KiB");
  const SizeClass large = {.class_bytes = 98'304, .least_bytes = 81'921};
  EXPECT_EQ(class_label(large, Units{}, false), "80.0-96.0 KiB");
  EXPECT_EQ(class_label(large, Units{true}, false), "81921-98304");
  // A library that did not say it.
  EXPECT_EQ(class_label({.class_bytes = 98'304}, Units{}, true), "≤96.0 KiB");
  EXPECT_EQ(class_label({.class_bytes = 98'304}, Units{}, false), "<=96.0 KiB");
}

TEST(ClassTable, TakesTheLeastRequestFromWhicheverReadingSaysIt) {
  const std::vector<SizeClass> old = {{.class_bytes = 32, .live_blocks = 1}},
                               now = {{.class_bytes = 32, .live_blocks = 1, .least_bytes = 17}};
  EXPECT_EQ(changes(old, now).at(0).now.least_bytes, 17u);
  EXPECT_EQ(changes(now, old).at(0).now.least_bytes, 17u);
}

TEST(ClassTable, LeavesOutRoundingThatIsNotKnown) {
  const auto list = changes({}, {{.class_bytes = 32, .live_blocks = 3, .live_bytes = 90, .allocations = 3}});
  const std::string table = size_table(list, 1, Since::kJustNow, Units{true}, Paint(false), false, 0);
  EXPECT_NE(table.find(" <=32       3    90         -  "), std::string::npos) << table;
  EXPECT_NE(table.find("total       3    90         -  "), std::string::npos) << table;
}

TEST(ThreadTable, PutsWhoAllocatesMostFirstAndTheExitedLast) {
  const ThreadList list{
      4711, 1, {{7, "idle", {1, 0, 0, 10, 0}}, {8, "busy\n", {3, 2, 1, 300, 400}}}, {5, 5, 0, 50, 50}};
  EXPECT_EQ(thread_table(list, Units{true}, Paint(false)),
            "TID  NAME      ALLOCS  FREES  REALLOCS  ALLOCATED  FREED   NET\n"
            "  8  busy?          3      2         1        300    400  -100\n"
            "  7  idle           1      0         0         10      0   +10\n"
            "  -  (exited)       5      5         0         50     50     0\n"
            "  -  (total)        9      7         1        360    450   -90\n");
}

TEST(ThreadTable, ShortensItsCountsWhereTheyDoNotFit) {
  const std::uint64_t many = 123'456'789, bytes = 1'000'000'000;
  const ThreadList list{4711, 1, {{4'111'777, "a_name_of_fifte", {many, many, many, bytes, bytes}}}, {}};
  const std::string wide = thread_table(list, Units{}, Paint(false), 200);
  const std::string narrow = thread_table(list, Units{}, Paint(false), 80);
  EXPECT_NE(wide.find("123,456,789"), wide.npos) << wide;
  EXPECT_LE(narrow.find('\n'), 80u) << narrow;
  EXPECT_NE(narrow.find("123M"), narrow.npos) << narrow;
}

}  // namespace
