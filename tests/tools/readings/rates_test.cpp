// SPDX-License-Identifier: MIT
#include "readings/rates.h"

#include <gtest/gtest.h>

#include "tools/snapshot_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

constexpr std::int64_t kTwoSecondsLater = 7'000'000'000;

TEST(Rates, AreDifferencesASecond) {
  const Reading earlier = parse_reading(snapshot_text());
  const Reading later = parse_reading(snapshot_text({{"monotonic_ns", kTwoSecondsLater},
                                                     {"allocations", 110},
                                                     {"frees", 64},
                                                     {"allocated_bytes", 10'200},
                                                     {"live_bytes", 3000}}));
  const auto rates = rates_between(earlier, later);
  ASSERT_TRUE(rates);
  EXPECT_DOUBLE_EQ(rates->interval_seconds, 2);
  EXPECT_DOUBLE_EQ(rates->allocations, 5);
  EXPECT_DOUBLE_EQ(rates->frees, 2);
  EXPECT_DOUBLE_EQ(rates->allocated_bytes, 100);
  EXPECT_DOUBLE_EQ(rates->live_bytes, -500);
}

TEST(Rates, AreNoneBetweenDifferentProcesses) {
  const Reading earlier = parse_reading(snapshot_text());
  EXPECT_FALSE(
      rates_between(earlier, parse_reading(snapshot_text({{"monotonic_ns", kTwoSecondsLater}, {"pid", 9}}))));
  EXPECT_FALSE(rates_between(
      earlier, parse_reading(snapshot_text({{"monotonic_ns", kTwoSecondsLater}, {"start_time", 9}}))));
}

TEST(Rates, AreNoneWhenTheProgramWasReplaced) {
  const Reading earlier = parse_reading(snapshot_text());
  EXPECT_FALSE(rates_between(
      earlier, parse_reading(snapshot_text({{"monotonic_ns", kTwoSecondsLater}, {"allocations", 5}}))));
}

TEST(Rates, AreNoneWhenTheProgramWasReplacedByOneThatDidMore) {
  const Reading earlier = parse_reading(snapshot_text({{"counting_since_ns", 1'000'000}}));
  const auto later = [](std::int64_t since) {
    return parse_reading(snapshot_text(
        {{"monotonic_ns", kTwoSecondsLater}, {"allocations", 500}, {"counting_since_ns", since}}));
  };
  EXPECT_TRUE(rates_between(earlier, later(1'000'000)));
  EXPECT_FALSE(rates_between(earlier, later(6'000'000'000)));
}

TEST(Rates, AreNoneWithoutTimeBetween) {
  const Reading reading = parse_reading(snapshot_text());
  EXPECT_FALSE(rates_between(reading, reading));
}

}  // namespace
