// SPDX-License-Identifier: MIT
#include "report/timeline.h"

#include <gtest/gtest.h>

namespace heapmeter::cli::report {
namespace {

// As the decoder lets it through: the largest times of a file, there and back, as often as a file has room.
TEST(Timeline, KeepsItsShiftWhateverTheClockIsSaidToHaveDone) {
  constexpr std::int64_t kLatest = 100'000'000'000'000;
  Timeline back;
  record::Round round;
  for (int at = 0; at < 200'000; ++at) {
    round.time_ms = at % 2 == 0 ? kLatest : 0;
    back.take(round);
    ASSERT_LE(back.shift_ms(), 0) << at;
  }
  EXPECT_LT(back.shift_ms(), 0);
  EXPECT_EQ(back.times_set(), 100'000u);
}

TEST(Timeline, AddsUpHowFarTheClockWasMoved) {
  Timeline timeline;
  record::Round round;
  for (const std::int64_t moved : {0, 5'000, 3'000}) {
    round.time_ms = 1'000'000 + moved;
    round.booted_ms = 500'000 + moved;
    EXPECT_EQ(timeline.take(round), 1'000'000);
  }
  EXPECT_EQ(timeline.shift_ms(), 3'000);
  EXPECT_EQ(timeline.times_set(), 2u);
}

}  // namespace
}  // namespace heapmeter::cli::report
