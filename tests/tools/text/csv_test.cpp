// SPDX-License-Identifier: MIT
#include "text/csv.h"

#include <gtest/gtest.h>

using heapmeter::cli::csv_line;

TEST(Csv, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(csv_line({"a", "1.5", "two words"}), "a,1.5,two words\n");
  EXPECT_EQ(csv_line({"a,b", "say \"a\"", "x\ny", "x\ry"}), "\"a,b\",\"say \"\"a\"\"\",\"x\ny\",\"x\ry\"\n");
}

TEST(Csv, KeepsEmptyValues) {
  EXPECT_EQ(csv_line({"", "a", ""}), ",a,\n");
  EXPECT_EQ(csv_line({}), "\n");
}
