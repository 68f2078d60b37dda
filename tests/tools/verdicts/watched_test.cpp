// SPDX-License-Identifier: MIT
//
// What is kept of a process that is watched.
#include <gtest/gtest.h>

#include "tools/snapshot_text.h"
#include "tools/verdicts/simulated.h"
#include "verdicts/series.h"
#include "verdicts/trend.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::verdicts;
using namespace heapmeter::testing;

namespace {

TEST(Watched, BeginsAnewWhereTheProgramDoes) {
  Watched watched;
  heapmeter::cli::Reading one = parse_reading(snapshot_text());
  one.counting_since_ns = 1;
  for (int at = 0; at < 30; ++at) {
    one.live_bytes += 1 << 20;
    one.monotonic_ns += 1'000'000'000;
    watched.add(one, std::nullopt);
  }
  EXPECT_EQ(watched.series().size(), 30u);
  one.counting_since_ns = 2;
  one.monotonic_ns += 1'000'000'000;
  watched.add(one, std::nullopt);
  EXPECT_EQ(watched.series().size(), 1u);
  EXPECT_EQ(trend_of(watched.series()).course, Course::kTooFew) << "a restart is no growth";
}

TEST(Watched, StaysBoundedAndKeepsTheFloorAndThePeak) {
  Watched watched;
  for (int at = 0; at < 100'000; ++at)
    watched.add(moment(at, at == 50'001 ? 1 : at == 50'003 ? 9'000'000 : 1'000'000));
  EXPECT_LE(watched.series().size(), 768u);
  const Trend trend = trend_of(watched.series());
  EXPECT_EQ(trend.lowest, 1u);
  EXPECT_EQ(trend.highest, 9'000'000u);
  EXPECT_EQ(watched.series().back().seconds, 99'999);
}

}  // namespace
