// SPDX-License-Identifier: MIT
#include "views/process_table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "text/table.h"
#include "tools/targets/shop.h"
#include "views/series_table.h"

namespace heapmeter::cli {
namespace {

using heapmeter::testing::member;
using heapmeter::testing::shop_lines;

TEST(ProcessTable, APipeHasItWhole) {
  const std::string text = process_table(shop_lines(), {});
  EXPECT_NE(text.find("BLOCKS"), text.npos);
  EXPECT_NE(text.find("process of the shop in the web room\n"), text.npos);
}

TEST(ProcessTable, SortsWhatIsNotKnownLast) {
  for (const std::string &order : process_orders()) {
    auto all = shop_lines();
    sort_processes(all, order);
    if (order != "pid" && order != "name" && order != "rss") {
      EXPECT_EQ(all.back().member->local_pid, 31'001) << order;
    }
  }
  auto all = shop_lines();
  sort_processes(all, "live");
  EXPECT_EQ(all.front().member->local_pid, 25'827);
}

TEST(ProcessTable, ShowsWhatWasReadAndReadsNothingItself) {
  auto one = member(getpid(), "x", 1 << 20);
  one.reading.reset();
  one.complaint = "not answering";
  one.comm = "as-it-was";
  const std::string text = process_table({{&one, "", "", ""}}, {});
  EXPECT_NE(text.find("as-it-was (not answering)"), text.npos) << text;
}

TEST(ProcessTable, MarksAPeakThatIsKnownBetweenWhat) {
  auto one = member(1, "x", 50 << 20);
  Reading reading = *one.reading;
  reading.peak_bytes = 100 << 20;
  const auto peak = [&](std::uint64_t error, bool exact) {
    reading.peak_error_bytes = error;
    one.reading = std::make_shared<const Reading>(reading);
    const std::string text = process_table({{&one, "", "x", ""}}, {.units = Units{exact}});
    const SeriesTable series(Units{exact}, false, 200);
    const std::string row = series.row({one.reading.get(), one.resident, one.rates(), 1});
    EXPECT_EQ(text.find('~') == text.npos, row.find('~') == row.npos) << text << row;
    return text;
  };
  EXPECT_NE(peak(20 << 20, false).find(" ~100 MiB"), std::string::npos);
  EXPECT_EQ(peak(1000, false).find('~'), std::string::npos) << "not to be seen in three digits";
  EXPECT_NE(peak(1000, true).find("~104857600"), std::string::npos);
  EXPECT_EQ(peak(0, true).find('~'), std::string::npos);
}

TEST(GroupTable, SaysHowMuchOneGrowsWhereOthersShrink) {
  const auto heading = [](std::int64_t first, std::int64_t second) {
    const auto one = member(1, "x", 50 << 20, first), other = member(2, "x", 50 << 20, second);
    return group_table("x", {{&one, "", "x", ""}, {&other, "", "x", ""}}, {});
  };
  const auto says = [&](std::int64_t first, std::int64_t second, const std::string &words) {
    const std::string text = heading(first, second);
    EXPECT_NE(text.find("  growth " + words + "  RSS"), text.npos) << text;
  };
  says(4096, 0, "+4.00 KiB/s (all in 1)");
  says(4096, 1024, "+5.00 KiB/s (80.0 % in 1)");
  says(4096, -1024, "+3.00 KiB/s (+4.00 KiB/s in 1)");
  says(4096, -10'240, "-6.00 KiB/s (+4.00 KiB/s in 1)");
  says(4096, -4096, "0 B/s (+4.00 KiB/s in 1)");
  says(-4096, -4096, "-8.00 KiB/s");
}

TEST(SeriesTable, IsNeverWiderThanTheTerminal) {
  const auto one = member(1, "x", std::uint64_t{1023} << 20, -(std::int64_t{900} << 20));
  for (const bool exact : {false, true}) {
    for (const bool of_group : {false, true}) {
      for (const int width : {40, 60, 80, 100, 120, 200}) {
        const SeriesTable table(Units{exact}, of_group, width);
        const std::string row = table.row({one.reading.get(), one.resident, one.rates(), 21});
        EXPECT_LE(display_width(row) - 1, static_cast<std::size_t>(width)) << row;
        EXPECT_EQ(display_width(row), display_width(table.header())) << table.header() << row;
        EXPECT_NE(table.header().find("LIVE"), std::string::npos);
        if (width >= 80) {
          EXPECT_NE(table.header().find("RSS"), std::string::npos);
        }
      }
    }
  }
}

}  // namespace
}  // namespace heapmeter::cli
