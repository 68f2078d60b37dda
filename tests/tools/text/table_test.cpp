// SPDX-License-Identifier: MIT
#include "text/table.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

TEST(Table, AlignsColumnsAndLeavesNoBlanksAtTheEnd) {
  Table table({{"PID"}, {"NAME", Align::kLeft}});
  table.add({"1", "a long name"});
  table.add({"23456", "b"});
  EXPECT_EQ(table.header(), "  PID  NAME\n");
  EXPECT_EQ(table.rows(), "    1  a long name\n23456  b\n");
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(display_width("└─ ä"), 4u);
  Table table({{"NAME", Align::kLeft}, {"N"}});
  table.add({"└─ a", "1"});
  EXPECT_EQ(table.rows(), "└─ a  1\n");
}

// Chinese, Japanese and Korean letters take two columns, marks above a letter none.
TEST(Table, CountsColumnsOfATerminalNotLetters) {
  EXPECT_EQ(display_width("日本語"), 6u);
  EXPECT_EQ(display_width("한국"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("😀"), 2u);
  EXPECT_EQ(display_width("█▁─…→"), 5u);
  EXPECT_EQ(display_width("a\xff"
                          "b\n"),
            4u);
  Table table({{"NAME", Align::kLeft}, {"N"}});
  table.add({"日本", "1"});
  table.add({"abcde", "2"});
  EXPECT_EQ(table.rows(), "日本   1\nabcde  2\n");
}

TEST(Table, HasOneLineForEachRow) {
  Table table({{"NAME", Align::kLeft}, {"N"}});
  table.add({"a\n123 b", "1"});
  EXPECT_EQ(table.rows(), "a?123 b  1\n");
}

TEST(Table, KeepsAMinimumWidth) {
  Table table({{"A", Align::kRight, 6}});
  table.add({"1"});
  EXPECT_EQ(table.header(), "     A\n");
  EXPECT_EQ(table.rows(), "     1\n");
}

TEST(Words, GoIntoLinesThatAreNotTooLong) {
  EXPECT_TRUE(wrapped("", 10).empty());
  EXPECT_EQ(wrapped("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 7, "  "), (std::vector<std::string>{"one two", "  three"}));
  EXPECT_EQ(wrapped("a longest_word b", 6), (std::vector<std::string>{"a", "longest_word", "b"}));
  EXPECT_EQ(wrapped("\u00e9\u00e9 \u00e9\u00e9", 5), (std::vector<std::string>{"\u00e9\u00e9 \u00e9\u00e9"}));
}
