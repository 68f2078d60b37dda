// SPDX-License-Identifier: MIT
#include "report/moment_text.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

namespace report = heapmeter::cli::report;

namespace {

// As a clock on the wall shows them, whatever the time zone.
class Ticks : public testing::Test {
 protected:
  void TearDown() override {
    zone_ == nullptr ? unsetenv("TZ") : setenv("TZ", before_.c_str(), 1);
    tzset();
  }
  static void live_in(const char *where) {
    setenv("TZ", where, 1);
    tzset();
  }
  static std::string shown(const char *where, std::int64_t from, std::int64_t until) {
    live_in(where);
    std::string all;
    for (const report::Tick &each : report::ticks(from * 1000, until * 1000, 8)) {
      EXPECT_TRUE(each.time_ms >= from * 1000 && each.time_ms <= until * 1000) << each.text;
      all += (all.empty() ? "" : " ") + each.text;
    }
    return all;
  }

 private:
  const char *const zone_ = getenv("TZ");
  const std::string before_ = zone_ == nullptr ? "" : zone_;
};

TEST_F(Ticks, AreRoundMoments) {
  EXPECT_EQ(shown("UTC", 1'700'000'000, 1'700'014'400), "22:30 23:00 23:30 15 Nov 00:30 01:00 01:30 02:00");
  EXPECT_EQ(shown("UTC-5:30", 1'700'000'000, 1'700'086'400),
            "06:00 09:00 12:00 15:00 18:00 21:00 16 Nov 03:00");
  EXPECT_EQ(shown("UTC", 1'700'000'000, 1'700'000'005),
            "22:13:20 22:13:21 22:13:22 22:13:23 22:13:24 22:13:25");
  EXPECT_EQ(shown("UTC", 1'700'000'000, 1'700'000'000), "22:13:20");
  EXPECT_EQ(shown("UTC", 1'700'000'000, 1'700'000'000 + 20 * 86'400),
            "16 Nov 19 Nov 22 Nov 25 Nov 28 Nov 1 Dec 4 Dec");
}

TEST_F(Ticks, GoByTheClockWhenItIsSet) {
  // To summer time on 31 March 2024 at 01:00 UTC, and back on 27 October.
  const char *const kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
  constexpr std::int64_t kSpring = 1'711'846'800, kAutumn = 1'729'990'800, kHour = 3600, kDay = 24 * kHour;
  EXPECT_EQ(shown(kBerlin, kSpring - 3 * kDay, kSpring + 3 * kDay), "29 Mar 30 Mar 31 Mar 1 Apr 2 Apr 3 Apr");
  EXPECT_EQ(shown(kBerlin, kAutumn - 3 * kDay, kAutumn + 3 * kDay),
            "25 Oct 26 Oct 27 Oct 28 Oct 29 Oct 30 Oct");
  EXPECT_EQ(shown(kBerlin, kSpring - 11 * kHour, kSpring + 11 * kHour),
            "15:00 18:00 21:00 31 Mar 03:00 06:00 09:00 12:00");
  EXPECT_EQ(shown(kBerlin, kAutumn - 11 * kHour, kAutumn + 11 * kHour),
            "18:00 21:00 27 Oct 03:00 06:00 09:00 12:00");
  EXPECT_EQ(shown(kBerlin, kSpring - 2 * kHour, kSpring + 2 * kHour),
            "31 Mar 00:30 01:00 01:30 03:00 03:30 04:00 04:30 05:00");
  EXPECT_EQ(shown(kBerlin, kAutumn - 2 * kHour, kAutumn + 2 * kHour),
            "01:00 01:30 02:00 02:30 02:00 CET 02:30 CET 03:00 03:30 04:00");
  EXPECT_EQ(shown(kBerlin, kSpring - 7 * kHour, kSpring + 7 * kHour),
            "20:00 22:00 31 Mar 04:00 06:00 08:00 10:00");
}

TEST_F(Ticks, AreThereBefore1970AndWhereNoMomentIsRound) {
  EXPECT_EQ(shown("UTC", -5, 2), "23:59:55 23:59:56 23:59:57 23:59:58 23:59:59 1 Jan 00:00:01 00:00:02");
  const auto alone = report::ticks(1'700'000'000'200, 1'700'000'000'900, 8);
  ASSERT_EQ(alone.size(), 1u);
  EXPECT_EQ(alone[0].time_ms, 1'700'000'000'200);
  EXPECT_EQ(alone[0].text, "22:13:20");
  EXPECT_EQ(report::clock_text(-1), "23:59:59");
}

}  // namespace
