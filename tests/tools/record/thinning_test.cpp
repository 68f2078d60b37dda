// SPDX-License-Identifier: MIT
#include "record/thinning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "record/limits.h"
#include "record/pace.h"
#include "tools/record/recordings.h"

using namespace heapmeter::testing;

namespace {

std::string thinned(const std::string &text, std::uint64_t most) {
  std::string out(record::kSignature);
  EXPECT_TRUE(record::thin(record::source_of(std::string_view(text)), most, [&](std::string_view payload) {
    out += record::framed(payload);
    return true;
  }));
  return out;
}

// A day of five processes that move; a spike at noon, the second ends at 18:00 and the third begins then, and
// for ten minutes something was near a limit.
Made day() {
  Made made;
  for (std::int64_t seconds = 0; seconds < 86'400; seconds += 10) {
    std::vector<record::Row> rows;
    for (std::uint32_t process = 0; process < 5; ++process) {
      if (process == 2 && seconds < 64'800) continue;
      if (process == 1 && seconds > 64'800) continue;
      const bool spike = process == 0 && seconds == 43'210;
      record::Row each =
          row(process, spike ? 1u << 30 : 1'000'000 + static_cast<std::uint64_t>(seconds) * 37 % 9973);
      each.values[record::k_allocations] = static_cast<std::uint64_t>(seconds) * 1001;
      if (process == 1 && seconds == 64'800) each.values[record::k_state] = record::kEnded;
      rows.push_back(each);
    }
    made.round(seconds, rows, seconds >= 10'000 && seconds < 10'600);
  }
  return made;
}

TEST(Thinning, StaysBelowWhatItMayHaveAndKeepsWhatMatters) {
  const Made made = day();
  std::string text = made.text();
  std::size_t urgent_before = 0;
  for (const auto &round : read_all(text).rounds()) urgent_before += round.urgent ? 1 : 0;
  for (const std::uint64_t part : {2, 4, 8}) {
    const std::string less = thinned(text, text.size() / part);
    EXPECT_LE(less.size(), text.size() / part + 512) << part;
    EXPECT_GE(less.size(), text.size() / part / 4) << part;
    const Read read = read_all(less);
    EXPECT_EQ(read.torn + read.damaged, 0u);
    const auto rounds = read.rounds();
    EXPECT_EQ(rounds.front().time_ms, kStartMs);
    EXPECT_EQ(rounds.back().time_ms, kStartMs + 86'390'000);
    std::uint64_t most = 0;
    std::size_t urgent = 0;
    bool ended = false;
    for (const record::Round &round : rounds) {
      urgent += round.urgent ? 1 : 0;
      for (const record::Row &row : round.rows) {
        most = std::max({most, row.values[record::k_live_bytes], row.values[record::k_most_live_bytes]});
        ended = ended || row.values[record::k_state] == record::kEnded;
      }
    }
    EXPECT_EQ(most, 1u << 30) << part;
    EXPECT_EQ(urgent, urgent_before) << part;
    EXPECT_TRUE(ended);
    // What is young is still dense.
    EXPECT_EQ(rounds.back().time_ms - rounds[rounds.size() - 20].time_ms, 190'000);
  }
}

TEST(Thinning, AgainAndAgainGivesTheOldestTheLongestIntervals) {
  std::string text = day().text();
  for (int times = 0; times < 3; ++times) text = thinned(text, text.size() / 2);
  const auto rounds = read_all(text).rounds();
  const auto interval = [&](std::size_t at) { return rounds[at + 1].time_ms - rounds[at].time_ms; };
  EXPECT_GT(interval(3), interval(rounds.size() - 3));
  EXPECT_GE(interval(3), 40'000);
}

TEST(Thinning, OfNothingButEndsStillFits) {
  Made made;
  for (std::uint32_t process = 0; process < 2000; ++process)
    made.round(process, {row(process, process + 1)}, true);
  const std::string less = thinned(made.text(), made.text().size() / 3);
  EXPECT_LE(less.size(), made.text().size() / 3 + 512);
  const Read read = read_all(less);
  EXPECT_EQ(read.processes.back().name, "p1999");
  EXPECT_LT(read.processes.size(), 1000u);
}

TEST(Pace, IsTenTimesAsDenseNearALimitButNotForGood) {
  record::Pace pace(10);
  EXPECT_EQ(pace.next(0.5, 0), 10);
  EXPECT_EQ(pace.next(0.79, 0), 10);
  EXPECT_EQ(pace.next(0.8, 0), 1);
  // At that rate the limit is 20 s away.
  EXPECT_EQ(pace.next(0.6, 0.02), 1);
  EXPECT_EQ(pace.next(0.6, 0.001), 10);
  double seconds = 0;
  for (int reading = 0; reading < 2000; ++reading) seconds += pace.next(0.95, 0);
  EXPECT_GT(seconds, 7000);
}

TEST(SitesPace, IsDueAtFirstThenSeldomAndAfterAChangeOrNearALimit) {
  record::SitesPace sites(10);
  EXPECT_TRUE(sites.is_due(0, 100 << 20, 0));
  sites.taken(0, 100 << 20, 0);
  EXPECT_FALSE(sites.is_due(10, 100 << 20, 0));
  EXPECT_FALSE(sites.is_due(59, 200 << 20, 0));
  EXPECT_TRUE(sites.is_due(61, 200 << 20, 0));
  EXPECT_FALSE(sites.is_due(61, 110 << 20, 0));
  EXPECT_TRUE(sites.is_due(301, 100 << 20, 0));
  EXPECT_TRUE(sites.is_due(11, 100 << 20, 0.9));
  EXPECT_FALSE(sites.is_due(5, 100 << 20, 0.9));
}

TEST(Limits, DoNotCountWhatTheKernelCanTakeBack) {
  EXPECT_EQ(record::firmly_used(1000, "anon 500\ninactive_file 300\nactive_file 100\nslab 1\n", 2), 600u);
  EXPECT_EQ(record::firmly_used(1000, "inactive_file 7\ntotal_inactive_file 300\ntotal_active_file 100\n", 1),
            600u);
  EXPECT_EQ(record::firmly_used(100, "inactive_file 300\n", 2), 0u);
  const auto machine =
      record::of_machine("MemTotal:        1000 kB\nMemFree: 1 kB\nMemAvailable:     250 kB\n");
  EXPECT_EQ(machine.used_bytes, 750u << 10);
  EXPECT_EQ(machine.share(), 0.75);
  EXPECT_EQ(record::of_machine("").share(), 0);
  EXPECT_EQ(record::oom_kills("pgfault 9\noom_kill 3\noom_kill_x 8\n"), 3u);
  EXPECT_EQ(record::oom_kills("pgfault 9\n"), 0u);
}

}  // namespace
