// SPDX-License-Identifier: MIT
#include "views/site_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "text/table.h"
#include "tools/golden.h"
#include "tools/sites/page_text.h"
#include "views/lost_rows.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

using heapmeter::testing::call;
using heapmeter::testing::expect_golden;
using heapmeter::testing::PageText;
using sites::By;

PageText shop(const std::string &mode = "every") {
  PageText page;
  page.mode = mode;
  page.before_bytes = 540'000;
  page.before_blocks = 211;
  const auto main = call("main", "shop.cpp", 12),
             serve = call("Server::serve(Request const&)", "server.cpp", 88);
  const auto sampled = [&](double variance) { return mode == "sampled" ? variance : 0; };
  page.add({main, serve, call("Session::Session(std::string, int)", "/src/shop/session.cpp", 41)}, 119'808,
           122'683'392, 0, 0, 234, sampled(6.1e13));
  page.add(
      {main, serve, call("std::optional<Json> parse<Json, Options<true> >(std::string_view)", "json.h", 7),
       call("(anonymous namespace)::Arena::grow()", "arena.cpp", 19)},
      40, 5'242'880, 0, 0, 10, sampled(2.7e12));
  page.add({call("worker"), call("", "", 0, "libvendor.so.1")}, 1'204, 1'981'000, 0, 0, 4, sampled(1e12));
  page.add({main, call("warm_up", "shop.cpp", 30)}, 2, 96);
  page.add({main, call("exit_list", "shop.cpp", 31)}, 1, 48);
  page.add_cut_short(3, 700);
  return page;
}

class Shown {
 public:
  explicit Shown(const PageText &page)
      : profile(sites::parse_profile(page.text())), stacks(sites::name_stacks(profile, page.naming())) {}

  SiteView view(By by = By::kLive, std::int64_t rows = 4, const sites::Selection &selection = {}) const {
    return {profile,
            stacks,
            sites::ranked(stacks, by, selection),
            by,
            2,
            "shop (4711)",
            {"no names for libvendor.so.1: apt install libvendor1-dbgsym"},
            rows,
            3};
  }

  sites::Profile profile;
  sites::Stacks stacks;
};

Look look(int width, bool utf8 = true) {
  Look look;
  look.width = width;
  look.utf8 = utf8;
  return look;
}

TEST(SiteTable, LooksAsItShould) {
  const Shown shown(shop());
  expect_golden("sites_80.txt", site_table(shown.view(), look(80)));
  expect_golden("sites_120.txt", site_table(shown.view(), look(120)));
  expect_golden("sites_200.txt", site_table(shown.view(), look(200)));
  expect_golden("sites_ascii_80.txt", site_table(shown.view(), look(80, false)));
  expect_golden("sites_ascii_60.txt", site_table(shown.view(), look(60, false)));
  expect_golden("sites_piped.txt", site_table(shown.view(), look(0)));
}

TEST(SiteTable, ShowsEstimatesAsSuch) {
  PageText page = shop("sampled");
  page.head = R"("mean_bytes":524288,"since":1000,"until":1120)";
  page.before_bytes = page.before_blocks = 0;
  expect_golden("sites_sampled_100.txt", site_table(Shown(page).view(), look(100)));
}

TEST(SiteTable, SaysHowASiteWithoutAllocationsHasBytes) {
  PageText page;
  page.columns =
      R"("leaf","live_blocks","live_bytes","allocations","allocated_bytes","reallocations","peak_bytes")";
  page.add({call("main"), call("grow", "grow.c", 3)}, 0, 0, 0, 4096, 7);
  const std::string table = site_table(Shown(page).view(By::kAllocated), look(80));
  EXPECT_NE(table.find("(by realloc)  grow"), std::string::npos) << table;
}

TEST(SiteTable, TellsFunctionsWithoutNamesTogetherThatCallEachOther) {
  PageText page;
  std::vector<symbols::Frame> stack = {call("main"), call("sqlite3_exec", "", 0, "libsqlite3.so.0")};
  for (int i = 0; i < 6; ++i) {
    stack.push_back(call("", "", 0, "libsqlite3.so.0"));
    stack.back().offset = static_cast<std::uint64_t>(0x100 + i);
    stack.back().line = -1 - i;  // so that each is another
  }
  page.add(stack, 2, 96);
  const std::string table = site_table(Shown(page).view(By::kLive), look(0));
  EXPECT_NE(table.find("libsqlite3.so.0+0x104 (and 4 more) ← sqlite3_exec"), std::string::npos) << table;
  EXPECT_NE(table.find(" ← main"), std::string::npos) << table;
}

symbols::Frame nameless(std::uint64_t offset, std::uint64_t begin, const std::string &module = "shop") {
  symbols::Frame frame = call("", "", 0, module);
  frame.offset = offset;
  frame.begin = begin;
  return frame;
}

TEST(SiteTable, AsJsonSaysWhereAFunctionWithoutANameBegins) {
  PageText page;
  page.add({call("main"), nameless(0x305, 0), nameless(0x205, 0x1f0)}, 1, 48);
  const Shown shown(page);
  const auto frames = frames_json(shown.stacks, shown.stacks.stacks.at(0));
  EXPECT_EQ(frames.at(0).at("begin"), 0x1f0);
  EXPECT_EQ(frames.at(0).at("offset"), 0x205);
  EXPECT_TRUE(frames.at(1).at("begin").is_null());
  EXPECT_TRUE(frames.at(2).at("begin").is_null()) << "it has a name";
  EXPECT_EQ(frames_json(std::vector{nameless(0x205, 0x1f0)}).at(0).at("begin"), 0x1f0);
}

TEST(SiteTable, OfOneSiteNamesByCallersAsTheOthersDo) {
  PageText page;
  page.add({call("_start"), call("__libc_start_main", "", 0, "libc.so.6"), nameless(0x50, 0, "libc.so.6"),
            nameless(0x11d1, 0x11c8), nameless(0x1159, 0x1150)},
           1, 48);
  const std::string text = site_text(Shown(page).profile, 0, "site 1", page.naming(), look(0));
  EXPECT_NE(text.find("#0   shop+0x1150"), std::string::npos) << text;
  EXPECT_NE(text.find("#1   main  shop+0x"), std::string::npos) << text;
  EXPECT_NE(text.find("#2   libc.so.6+0x50"), std::string::npos) << text;
}

TEST(SiteTable, OfOneSiteSaysHowLongItsBlocksLived) {
  PageText page;
  page.add({call("main"), call("load")}, 1, 48, 9, 432);
  sites::Profile profile = sites::parse_profile(page.text());
  profile.lifetimes = {{1, 2, 77}, {profile.sites[0].leaf, 3, 5}, {profile.sites[0].leaf, 10, 1}};
  const std::string text = site_text(profile, 0, "site 1", page.naming(), look(0));
  EXPECT_NE(text.find("  lived less than 8.0 ms   ~5 blocks\n  lived less than 1.02 s   ~1 block\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("77"), std::string::npos) << "of another site: " << text;
}

TEST(SiteTable, TellsInstancesOfATemplateApart) {
  PageText page;
  for (const char *each : {"void Cache<int>::put<char>(int)", "void Cache<long>::put<char>(int)"})
    page.add({call("main"), call("int load<Cart>(char const*)", "load.cpp", 3), call(each, "cache.h", 7)}, 1,
             48);
  const std::string table = site_table(Shown(page).view(), look(0));
  for (const char *row : {"  Cache<int>::put<char>  cache.h:7\n", "  Cache<long>::put<char>  cache.h:7\n",
                          "from load<…>  load.cpp:3 ← "})
    EXPECT_NE(table.find(row), std::string::npos) << row << table;
}

// Wrappers that a reader cannot look behind would else make one of all rows.
TEST(SiteTable, ShowsWhereRowsPartThatWouldLookTheSame) {
  std::vector<symbols::Frame> bare;
  for (int i = 0; i < 6; ++i) {
    bare.push_back(call("", "", 0, "git"));
    bare.back().offset = static_cast<std::uint64_t>(0x100 + i);
    bare.back().line = -1 - i;
  }
  PageText page;
  const auto via = [&](const char *name) {
    return std::vector{call("main"), call(name, "", 0), call("turn"),
                       call("step"), call("wrap"),      call("grow")};
  };
  page.add(via("requests"), 2, 96);
  page.add(via("timers"), 1, 48);
  page.add({call("main"), bare[0], bare[1], bare[2], bare[4], bare[5]}, 1, 40);
  page.add({call("main"), bare[0], bare[3], bare[2], bare[4], bare[5]}, 1, 30);
  Shown shown(page);
  SiteView view = shown.view();
  view.depth = 2;
  const std::string table = site_table(view, look(0));
  const auto has = [&](const char *text) { return table.find(text) != std::string::npos; };
  EXPECT_TRUE(has("from wrap ← step ← … ← requests ← …\n")) << table;
  EXPECT_TRUE(has("from wrap ← step ← … ← timers ← …\n")) << table;
  EXPECT_TRUE(has("from git+0x104 (and 1 more) ← git+0x101 ← …\n")) << table;
  EXPECT_TRUE(has("from git+0x104 (and 1 more) ← git+0x103 ← …\n")) << table;
}

TEST(SiteTable, NamesAModuleWhereItIsAnotherThanJustBefore) {
  PageText page;
  page.add({call("main"), call("run"), call("put", "", 0, "libcache.so"), call("grow", "", 0, "libcache.so"),
            call("fill", "fill.c", 3, "libcache.so")},
           2, 96);
  Shown shown(page);
  SiteView view = shown.view();
  view.depth = 9;
  const std::string table = site_table(view, look(0));
  EXPECT_NE(table.find("from grow  libcache.so ← put ← run  shop ← main\n"), std::string::npos) << table;
}

TEST(SiteTable, LeavesOutWhatIsNothingBesideTheRest) {
  PageText page;
  page.add({call("main"), call("most")}, 2, 1'000'000);
  page.add({call("main"), call("little")}, 2, 501);
  page.add({call("main"), call("nothing")}, 2, 400);
  Shown shown(page);
  SiteView view = shown.view();
  view.least = 0.0005;
  const std::string table = site_table(view, look(0));
  EXPECT_NE(table.find("little"), std::string::npos) << table;
  EXPECT_EQ(table.find("nothing"), std::string::npos) << table;
  EXPECT_NE(table.find("in 1 site more (-n)"), std::string::npos) << table;
  view.by = By::kGrowth;
  EXPECT_NE(site_table(view, look(0)).find("nothing"), std::string::npos);
}

TEST(SiteTable, ByPeakSaysHowHighThatWas) {
  PageText page;
  page.tell_peaks(150'000'000, 1048);
  page.add({call("main", "shop.cpp", 12), call("warm_up", "shop.cpp", 30)}, 2, 96, 0, 0, 150'000'000, 4);
  const std::string text = site_table(Shown(page).view(By::kPeak), look(80));
  EXPECT_EQ(text.find("shop (4711): live 96 B in 2 blocks; 143 MiB at the peak, 12.0 s ago\n"), 0u) << text;
}

TEST(SiteTable, HasNoMarkOfAnEstimateWhereAllIsExact) {
  EXPECT_EQ(site_table(Shown(shop()).view(), look(80)).find('~'), std::string::npos);
}

TEST(SiteTable, SaysOfHowManySamplesAgesAre) {
  Shown shown(shop());
  for (auto &site : shown.profile.sites) site.values.live_samples = 0;
  shown.profile.sites[0].values.live_samples = 2;
  const std::string text = site_table(shown.view(By::kAge), look(0));
  EXPECT_NE(text.find("from 2 samples, one in 64 KiB allocated: of a site with few"), std::string::npos)
      << text;
  EXPECT_EQ(site_table(shown.view(By::kBlocks), look(0)).find("sample"), std::string::npos);
}

TEST(SiteTree, LooksAsItShould) {
  const Shown shown(shop());
  expect_golden("sites_callers_80.txt",
                site_tree(shown.view(By::kLive, 50), sites::Direction::kCallers, look(80)));
  expect_golden("sites_callees_80.txt",
                site_tree(shown.view(By::kLive, 50), sites::Direction::kCallees, look(80)));
}

TEST(SiteTable, KeepsToTheWidthOfTheTerminal) {
  const Shown shown(shop());
  for (const int width : {70, 80, 100, 120, 200, -80}) {
    const Look seen = look(std::abs(width), width > 0);
    for (const std::string &text :
         {site_table(shown.view(), seen), site_tree(shown.view(), sites::Direction::kCallees, seen),
          site_tree(shown.view(), sites::Direction::kCallers, seen)}) {
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);)
        EXPECT_LE(display_width(line), static_cast<std::size_t>(std::abs(width))) << line;
    }
  }
}

}  // namespace
}  // namespace heapmeter::cli
