// SPDX-License-Identifier: MIT
#include "sites/kept.h"

#include <gtest/gtest.h>

#include <map>

#include <boost/json/serialize.hpp>

#include "sites/comparison.h"
#include "sites/ranking.h"
#include "text/user_error.h"
#include "tools/mark_text.h"
#include "tools/sites/page_text.h"

namespace heapmeter::cli::sites {
namespace {

using heapmeter::testing::call;
using heapmeter::testing::mark_object;
using heapmeter::testing::PageText;

PageText shop() {
  PageText page;
  page.add({call("main"), call("serve"), call("load", "load.cpp", 3)}, 2, 100, 10, 1000);
  page.add({call("main"), call("parse", "json.cpp", 9)}, 5, 60);
  page.add({call("main"), call("warm")}, 1, 40);
  page.add({call("main"), call("gone")}, 0, 0, 7, 70);
  return page;
}

std::map<std::string, std::uint64_t> live_by_name(const Profile &profile) {
  std::map<std::string, std::uint64_t> live;
  for (const Site &site : profile.sites) live[site_name(profile, site)] = site.values.live_bytes;
  return live;
}

Mark mark_with(boost::json::object page) {
  boost::json::object file = mark_object();
  file["sites"] = std::move(page);
  return parse_mark(boost::json::serialize(file), "it");
}

TEST(KeptSites, ComeBackAsTheyWere) {
  const Profile profile = parse_profile(shop().text());
  const auto kept = kept_in(mark_with(kept_page(profile)));
  ASSERT_TRUE(kept);
  EXPECT_EQ(live_by_name(*kept), live_by_name(profile));
  EXPECT_EQ(kept->mode, Mode::kEvery);
  EXPECT_EQ(kept->modules[0].build_id, "c0ffee");
  EXPECT_EQ(kept->allocations, profile.allocations);
  EXPECT_EQ(kept->left_out_sites, 0u);
}

TEST(KeptSites, AreNoMoreThanThereIsRoomFor) {
  const Profile profile = parse_profile(shop().text());
  const auto by_number = kept_in(mark_with(kept_page(profile, 2)));
  ASSERT_EQ(by_number->sites.size(), 2u);
  EXPECT_EQ(by_number->left_out_sites, 2u);
  EXPECT_EQ(by_number->left_out_most_bytes, 40u);
  EXPECT_EQ(by_number->left_out.live_bytes, 40u);
  EXPECT_EQ(by_number->left_out.allocations, 8u);
  // main, serve and load; none is left for parse.
  const auto by_nodes = kept_in(mark_with(kept_page(profile, 9, 3)));
  ASSERT_EQ(by_nodes->sites.size(), 1u);
  EXPECT_EQ(by_nodes->sites[0].values.live_bytes, 100u);
  EXPECT_EQ(by_nodes->left_out.live_bytes, 100u);
}

// What had no room may be any site that is no larger: it is not said to have grown.
TEST(KeptSites, ThatWereLeftOutAreNotTakenForGrowth) {
  const Profile earlier = *kept_in(mark_with(kept_page(parse_profile(shop().text()), 2)));
  PageText page = shop();
  page.add({call("main"), call("leak")}, 9, 900);
  const Profile between = change(earlier, parse_profile(page.text()));
  std::map<std::uint64_t, int> by_growth;
  for (const Site &site : between.sites) ++by_growth[site.values.live_bytes];
  EXPECT_EQ(by_growth, (std::map<std::uint64_t, int>{{0, 2}, {900, 1}}));
  EXPECT_EQ(between.other.live_bytes, 0u);
}

TEST(KeptSites, AreAbsentInAnOlderMark) {
  EXPECT_FALSE(kept_in(parse_mark(boost::json::serialize(mark_object()), "it")));
}

TEST(KeptSites, ThatAreDamagedAreSaidToBe) {
  for (const char *field : {"mode", "site_columns"}) {
    boost::json::object page = kept_page(parse_profile(shop().text()));
    page[field] = "nonsense";
    EXPECT_THROW(kept_in(mark_with(std::move(page))), UserError) << field;
  }
}

struct Named {
  Named(const PageText &page)
      : profile(parse_profile(page.text())), stacks(name_stacks(profile, page.naming())) {}
  Profile profile;
  Stacks stacks;
};

std::map<std::string, std::int64_t> growth(const PageText &before, const PageText &after) {
  const Named one(before), other(after);
  const Comparison found = compare(one.profile, one.stacks, other.profile, other.stacks);
  std::map<std::string, std::int64_t> grown;
  for (const Stacks::Stack &stack : found.stacks.stacks) {
    const symbols::Frame &frame = found.stacks.frames[stack.frames.back()];
    grown[frame.function + ":" + std::to_string(frame.line)] +=
        static_cast<std::int64_t>(stack.values.live_bytes);
  }
  return grown;
}

TEST(Comparison, IsOfWhatTheCodeIsCalled) {
  PageText before = shop(), after;
  after.add({call("main"), call("parse", "json.cpp", 9)}, 7, 90);
  after.add({call("main"), call("serve"), call("load", "load.cpp", 3)}, 1, 50);
  EXPECT_EQ(growth(before, after), (std::map<std::string, std::int64_t>{
                                       {"load:3", -50}, {"parse:9", 30}, {"warm:0", -40}, {"gone:0", 0}}));
}

TEST(Comparison, OfTwoBuildsOverlooksTheirLines) {
  PageText before, after;
  before.add({call("main", "shop.cpp", 10), call("parse", "json.cpp", 9)}, 5, 60);
  after.add({call("main", "shop.cpp", 12), call("parse", "json.cpp", 19)}, 7, 90);
  EXPECT_EQ(growth(before, after).size(), 2u);
  after.build_id = "decaf";
  EXPECT_EQ(growth(before, after), (std::map<std::string, std::int64_t>{{"parse:9", 30}}));
}

TEST(Comparison, IsOfWhatBothTell) {
  const auto with = [](const char *mode, double since) {
    Profile profile;
    profile.mode = std::string(mode) == "off" ? Mode::kOff : Mode::kEvery;
    profile.since = since;
    return std::optional(profile);
  };
  const auto off = with("off", 0), on = with("every", 10), anew = with("every", 20);
  EXPECT_EQ(common_of(on, on, true), Common::kAll);
  EXPECT_EQ(common_of(on, anew, true), Common::kOnlyAfter);
  EXPECT_EQ(common_of(on, anew, false), Common::kAll);
  EXPECT_EQ(common_of(off, on, true), Common::kOnlyAfter);
  EXPECT_EQ(common_of(off, on, false), Common::kNothing);
  EXPECT_EQ(common_of(on, off, true), Common::kOnlyBefore);
  EXPECT_EQ(common_of(std::nullopt, off, true), Common::kNothing);
}

}  // namespace
}  // namespace heapmeter::cli::sites
