// SPDX-License-Identifier: MIT
#include "views/site_difference.h"

#include <gtest/gtest.h>

#include <sstream>

#include "text/table.h"
#include "tools/golden.h"
#include "tools/sites/page_text.h"

namespace heapmeter::cli {
namespace {

using heapmeter::testing::call;
using heapmeter::testing::expect_golden;
using heapmeter::testing::PageText;

PageText page(std::uint64_t sessions, std::uint64_t cached) {
  PageText page;
  const auto main = call("main", "shop.cpp", 12),
             serve = call("Server::serve(Request const&)", "server.cpp", 88);
  page.add({main, serve, call("Session::Session(std::string, int)", "/src/shop/session.cpp", 41)}, sessions,
           sessions * 1024);
  page.add({main, serve, call("Cache::put(Key const&, Value)", "cache.cpp", 19)}, cached, cached * 4096);
  page.add({call("worker"), call("", "", 0, "libvendor.so.1")}, sessions / 100, sessions);
  page.add({main, call("warm_up", "shop.cpp", 30)}, 2, 96);
  return page;
}

SiteDifference difference() {
  SiteDifference difference;
  difference.common = sites::Common::kAll;
  const PageText one = page(10'000, 900), other = page(120'000, 400);
  const sites::Profile before = sites::parse_profile(one.text()), after = sites::parse_profile(other.text());
  difference.comparison = sites::compare(before, sites::name_stacks(before, one.naming()), after,
                                         sites::name_stacks(after, other.naming()));
  difference.attributed_seconds = 12;
  difference.is_living = true;
  difference.target = "4711";
  difference.advice = {"no names for libvendor.so.1: apt install libvendor1-dbgsym"};
  return difference;
}

Look look(int width, bool utf8 = true) { return Look{Units{}, Paint(false), utf8, width}; }

TEST(SiteDifference, LooksAsItShould) {
  expect_golden("site_difference_80.txt", site_difference_text(difference(), 5, look(80)));
  expect_golden("site_difference_200.txt", site_difference_text(difference(), 5, look(200)));
  expect_golden("site_difference_ascii_80.txt", site_difference_text(difference(), 5, look(80, false)));
  expect_golden("site_difference_ascii_60.txt", site_difference_text(difference(), 5, look(60, false)));
  expect_golden("site_difference_2_rows_120.txt", site_difference_text(difference(), 2, look(120)));
}

TEST(SiteDifference, KeepsToTheWidthOfTheTerminal) {
  for (const int width : {80, 100, 120, 200}) {
    std::istringstream lines(site_difference_text(difference(), 5, look(width)));
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(display_width(line), static_cast<std::size_t>(width)) << line;
  }
}

TEST(SiteDifference, SaysWhyThereIsNone) {
  SiteDifference none;
  EXPECT_EQ(site_difference_text(none, 5, look(0)), "");
  none.is_living = true;
  none.target = "4711";
  EXPECT_NE(site_difference_text(none, 5, look(0)).find("heapmeter sites 4711 --sample every"),
            std::string::npos);
  none.common = sites::Common::kOnlyBefore;
  EXPECT_NE(site_difference_text(none, 5, look(0)).find("ended in between"), std::string::npos);
  none.common = sites::Common::kAll;
  EXPECT_NE(site_difference_text(none, 5, look(0)).find("No site holds more or less"), std::string::npos);
}

// What is older than attribution has no figure, rather than none.
TEST(SiteDifference, ShowsNoFigureForWhatWasNotNoted) {
  SiteDifference anew = difference();
  anew.common = sites::Common::kOnlyAfter;
  const std::string text = site_difference_text(anew, 1, look(120));
  EXPECT_NE(text.find("Attribution began 12.0 s before the second reading"), std::string::npos) << text;
  EXPECT_NE(text.find("     -  "), std::string::npos) << text;
}

}  // namespace
}  // namespace heapmeter::cli
