// SPDX-License-Identifier: MIT
#include "text/format.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

TEST(Format, BytesHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(format::bytes(0), "0 B");
  EXPECT_EQ(format::bytes(999), "999 B");
  EXPECT_EQ(format::bytes(1023), "1023 B");
  EXPECT_EQ(format::bytes(1024), "1.00 KiB");
  EXPECT_EQ(format::bytes(10 * 1024), "10.0 KiB");
  EXPECT_EQ(format::bytes(100 * 1024), "100 KiB");
  EXPECT_EQ(format::bytes(12.34 * 1024 * 1024), "12.3 MiB");
  EXPECT_EQ(format::bytes(18446744073709551615.0), "16384 PiB");
}

TEST(Format, BytesGoUpAUnitRatherThanToFourDigits) {
  EXPECT_EQ(format::bytes(1023.9 * 1024), "1.00 MiB");
  EXPECT_EQ(format::bytes(999.4 * 1024), "999 KiB");
  EXPECT_EQ(format::bytes(9.999 * 1024), "10.0 KiB");
  EXPECT_EQ(format::bytes(1023.4), "1023 B");
  EXPECT_EQ(format::bytes(1023.7), "1.00 KiB");
  EXPECT_EQ(format::bytes(-1023.7), "-1.00 KiB");
  EXPECT_EQ(format::bytes(-0.4), "0 B");
}

TEST(Format, BytesMayBeNegative) { EXPECT_EQ(format::bytes(-4096), "-4.00 KiB"); }

TEST(Format, CountsAreShortOrGrouped) {
  EXPECT_EQ(format::count(999), "999");
  EXPECT_EQ(format::count(999.4), "999");
  EXPECT_EQ(format::count(999.7), "1.00k");
  EXPECT_EQ(format::count(1000), "1.00k");
  EXPECT_EQ(format::count(999'999), "1.00M");
  EXPECT_EQ(format::grouped(0), "0");
  EXPECT_EQ(format::grouped(999), "999");
  EXPECT_EQ(format::grouped(1'234'567), "1,234,567");
  EXPECT_EQ(format::counted(1, "block"), "1 block");
  EXPECT_EQ(format::counted(1000, "block"), "1,000 blocks");
}

TEST(Format, DurationsUseTheUnitThatFits) {
  EXPECT_EQ(format::duration(0.0012), "1.2 ms");
  EXPECT_EQ(format::duration(0.25), "0.25 s");
  EXPECT_EQ(format::duration(59.94), "59.9 s");
  EXPECT_EQ(format::duration(59.96), "0m 59s");
  EXPECT_EQ(format::duration(192), "3m 12s");
  EXPECT_EQ(format::duration(2 * 3600 + 5 * 60), "2h 05m");
  EXPECT_EQ(format::duration(3 * 86400 + 4 * 3600), "3d 04h");
}

TEST(Format, APercentageOfNothingIsNone) {
  EXPECT_EQ(format::percent(1, 0), "-");
  EXPECT_EQ(format::percent(1, 8), "12.5 %");
}
