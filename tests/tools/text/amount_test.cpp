// SPDX-License-Identifier: MIT
#include "text/amount.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

TEST(Amount, OfTimeHasOneOfItsUnits) {
  EXPECT_EQ(seconds_in("10"), 10);
  EXPECT_EQ(seconds_in("10s"), 10);
  EXPECT_EQ(seconds_in("500ms"), 0.5);
  EXPECT_EQ(seconds_in("1.5m"), 90);
  EXPECT_EQ(seconds_in("2h"), 7200);
  EXPECT_EQ(seconds_in("1d"), 86400);
}

TEST(Amount, OfTimeIsNothingElse) {
  for (const char *none :
       {"", "s", "0", "-1", "nan", "inf", "1e3", "0x10", " 5", "5 s", "10S", "1w", "1e999", "9999999d"})
    EXPECT_FALSE(seconds_in(none)) << none;
}

TEST(Amount, OfMemoryIsInPowersOf1024) {
  EXPECT_EQ(bytes_in("4096"), 4096u);
  EXPECT_EQ(bytes_in("512K"), 512u << 10);
  EXPECT_EQ(bytes_in("20MiB"), 20u << 20);
  EXPECT_EQ(bytes_in("1073741824G"), std::uint64_t{1} << 60);
  for (const char *none : {"", "K", "-1", "1.5G", "1X", "1KB ", "1073741825G", "18446744073709551616"})
    EXPECT_FALSE(bytes_in(none)) << none;
}
