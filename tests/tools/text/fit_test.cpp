// SPDX-License-Identifier: MIT
#include "text/fit.h"

#include <gtest/gtest.h>

#include "text/table.h"

using namespace heapmeter::cli;

TEST(Fit, FoldsAtBlanksBehindTheLabel) {
  EXPECT_EQ(folded_lines("  label   some words that go on\nshort\n", 30, 10),
            "  label   some words that go\n          on\nshort\n");
  EXPECT_EQ(folded_lines("  label   one_word_that_is_too_long", 30, 10),
            "  label   one_word_that_is_too\n          _long");
  EXPECT_EQ(folded_lines("as wide as it comes, whatever that is", 0, 10),
            "as wide as it comes, whatever that is");
  EXPECT_EQ(folded_lines("ends here     ", 9, 0), "ends here");
  EXPECT_EQ(folded_lines("", 9, 0), "");
}

TEST(Fit, PartsNoFigureFromItsUnit) {
  EXPECT_TRUE(is_within_figure("64 KiB", 2));
  EXPECT_TRUE(is_within_figure("in 59.0 s; more", 7));
  EXPECT_TRUE(is_within_figure("use (0.3 %)", 8));
  EXPECT_FALSE(is_within_figure("in 59.0 s; more", 2));
  EXPECT_FALSE(is_within_figure("in 59.0 s; more", 10));
  EXPECT_FALSE(is_within_figure("60 readings", 2));
  EXPECT_FALSE(is_within_figure("3 so", 1));
  EXPECT_FALSE(is_within_figure("in s", 2));
  EXPECT_EQ(folded_lines("  label: as much as is 1.25 MiB/s", 28, 8),
            "  label: as much as is\n        1.25 MiB/s");
  EXPECT_EQ(wrapped("it is 5.00 MiB, of 6 pages", 11),
            (std::vector<std::string>{"it is", "5.00 MiB,", "of 6 pages"}));
  EXPECT_EQ(wrapped("5.00 MiB", 4), (std::vector<std::string>{"5.00 MiB"}));
}

TEST(Fit, TakesNoRoomForPaint) {
  EXPECT_EQ(folded_lines("\x1b[2mone two\x1b[0m", 7, 0), "\x1b[2mone two\x1b[0m");
  EXPECT_EQ(cut_lines("\x1b[1mone two three\x1b[0m\n", 7, false), "\x1b[1mone tw\x1b[0m~\n");
}

TEST(Fit, KeepsTheLastColumnBelowItself) {
  EXPECT_EQ(folded_rows("N  FROM\n", "1  somewhere in the code of a program\n", 25),
            "1  somewhere in the code\n     of a program\n");
}

TEST(Fit, CutsWithinNoLetter) {
  EXPECT_EQ(cut_lines("\u00e9\u00e9\u00e9\u00e9\n", 3, true), "\u00e9\u00e9\u2026\n");
  EXPECT_EQ(cut_lines("\u8ba2\u5355\u670d\n", 5, true), "\u8ba2\u5355\u2026\n");
  EXPECT_EQ(cut_lines("\u2705\u2705\u2705\n", 5, true), "\u2705\u2705\u2026\n");
  EXPECT_EQ(cut_lines("fits", 4, true), "fits");
  // A mark on the letter before it takes no column, and one of Vietnamese one.
  EXPECT_EQ(cut_lines("e\u0301e\u0301\u1ec7\n", 3, true), "e\u0301e\u0301\u1ec7\n");
}
