// SPDX-License-Identifier: MIT
#include "views/sites_at_exit.h"

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

// What holds most at the one moment is not what holds most at the other.
SitesAtExit shop(const std::string &mode = "every") {
  PageText page;
  page.mode = mode;
  if (mode == "sampled") page.head = R"("mean_bytes":524288,"since":1000,"until":0)";
  page.tell_peaks(150'000'000, 1048);
  page.before_bytes = 540'000;
  page.before_blocks = 211;
  const auto main = call("main", "shop.cpp", 12),
             serve = call("Server::serve(Request const&)", "server.cpp", 88);
  const auto add = [&](const symbols::Frame &code, std::uint64_t bytes, std::uint64_t at_peak) {
    page.add({main, serve, code}, bytes / 1000, bytes, 0, 0, at_peak, static_cast<double>(at_peak / 1000));
  };
  add(call("Session::Session(std::string, int)", "/src/shop/session.cpp", 41), 3'000, 122'683'392);
  add(call("(anonymous namespace)::Arena::grow()", "arena.cpp", 19), 5'242'880, 5'242'880);
  add(call("warm_up", "shop.cpp", 30), 2'000'000, 20'000'000);
  add(call("", "", 0, "libvendor.so.1"), 70'000, 900'000);
  add(call("exit_list|<b>", "shop.cpp", 31), 1'000, 0);
  add(call("log_line", "log.cpp", 7), 50'000, 60'000);
  add(call("Cache<int, std::less<int> >::put(int const&)", "cache.h", 120), 40'000, 50'000);
  SitesAtExit sites;
  sites.profile = sites::parse_profile(page.text());
  sites.named.stacks = sites::name_stacks(sites.profile, page.naming());
  sites.named.advice = {"no names for libvendor.so.1: apt install libvendor1-dbgsym"};
  return sites;
}

SitesAtExit of_child(SitesAtExit sites) {
  sites.whose = "shop_worker (4711)";
  sites.why = "which held most";
  return sites;
}

Look look(int width, bool utf8 = true) {
  Look look;
  look.width = width;
  look.utf8 = utf8;
  return look;
}

TEST(SitesAtExit, LookAsTheyShould) {
  expect_golden("sites_at_exit_80.txt", sites_at_exit_text(shop(), look(80)));
  expect_golden("sites_at_exit_ascii_80.txt", sites_at_exit_text(of_child(shop()), look(80, false)));
  expect_golden("sites_at_exit_sampled_120.txt", sites_at_exit_text(shop("sampled"), look(120)));
  expect_golden("sites_at_exit_200.txt", sites_at_exit_text(of_child(shop()), look(200)));
  expect_golden("sites_at_exit.md", sites_at_exit_markdown(of_child(shop())));
}

TEST(SitesAtExit, KeepToTheWidthOfTheTerminal) {
  SitesAtExit limited = of_child(shop("sampled"));
  limited.profile.instead = "under a limit of address space (RLIMIT_AS, RLIMIT_DATA)";
  for (const int width : {80, 100, 120, 200}) {
    for (const bool utf8 : {true, false}) {
      std::istringstream lines(sites_at_exit_text(limited, look(width, utf8)));
      for (std::string line; std::getline(lines, line);)
        EXPECT_LE(display_width(line), static_cast<std::size_t>(width)) << line;
    }
  }
}

TEST(SitesAtExit, OfAProcessThatFreedAllAreThoseOfThePeak) {
  PageText page;
  page.tell_peaks(4096);
  page.add({call("main", "shop.cpp", 12)}, 0, 0, 1, 4096, 4096, 1);
  SitesAtExit sites;
  sites.profile = sites::parse_profile(page.text());
  sites.named.stacks = sites::name_stacks(sites.profile, page.naming());
  const std::string text = sites_at_exit_text(sites, look(80));
  EXPECT_NE(text.find("main  shop.cpp:12"), text.npos) << text;
  EXPECT_NE(text.find("at the exit, 0 B\n"), text.npos) << text;
  EXPECT_EQ(sites_at_exit_markdown(sites).find("at the exit"), text.npos);
  EXPECT_TRUE(sites_at_exit_json(sites).at("at_exit").as_array().empty());
}

TEST(SitesAtExit, SayWhyThereAreNone) {
  SitesAtExit sites;
  sites.hindrance = "they are in a report at exit, of which there is none";
  EXPECT_EQ(sites_at_exit_text(sites, look(80)),
            "sites: none; they are in a report at exit, of which there is none\n");
  EXPECT_TRUE(sites_at_exit_json(sites).at("at_peak").is_null());
  EXPECT_EQ(sites_at_exit_json(sites).at("why").as_string(), sites.hindrance);
}

}  // namespace
}  // namespace heapmeter::cli
