// SPDX-License-Identifier: MIT
#include "sites/page.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "client/exchange.h"
#include "tools/sites/page_text.h"

namespace heapmeter::cli::sites {
namespace {

using heapmeter::testing::call;
using heapmeter::testing::PageText;

PageText two_sites() {
  PageText page;
  page.before_bytes = 30;
  page.before_blocks = 3;
  page.add({call("main"), call("load")}, 2, 200, 5, 500, 9, 12.5);
  page.add({call("main"), call("index")}, 1, 10);
  return page;
}

TEST(Profile, HasWhatThePageSays) {
  const Profile profile = parse_profile(two_sites().text());
  EXPECT_EQ(profile.pid, 4711);
  EXPECT_EQ(profile.name, "shop");
  EXPECT_EQ(profile.mode, Mode::kEvery);
  EXPECT_EQ(profile.since, 1000);
  EXPECT_EQ(profile.live_bytes, 240u);
  EXPECT_EQ(profile.before.live_blocks, 3u);
  ASSERT_EQ(profile.nodes.size(), 3u);
  EXPECT_EQ(profile.node(3).parent, 1u);
  ASSERT_EQ(profile.sites.size(), 2u);
  EXPECT_EQ(profile.sites[0].leaf, 2u);
  EXPECT_EQ(profile.sites[0].values.allocated_bytes, 500u);
  EXPECT_EQ(profile.sites[0].values.live_samples, 9u);
  EXPECT_EQ(profile.sites[0].values.variance_bytes, 12.5);
  EXPECT_FALSE(profile.has_peaks);
  ASSERT_EQ(profile.modules.size(), 1u);
  EXPECT_EQ(profile.modules[0].path, "/usr/bin/shop");
  EXPECT_EQ(profile.modules[0].start, 0x1000u);
}

TEST(Profile, PassesOverWhatANewerLibraryAdds) {
  const Profile profile = parse_profile(
      R"({"mode":"every","new":{"a":[1,[2,[3]]]},"more":[["x"],{"y":[]}],)"
      R"("site_columns":["new","leaf","live_bytes"],"sites":[[7,1,99]],"nodes":[[0,-1,4096]]})");
  ASSERT_EQ(profile.sites.size(), 1u);
  EXPECT_EQ(profile.sites[0].values.live_bytes, 99u);
  EXPECT_EQ(profile.node(1).module, kNoModule);
}

TEST(Profile, TakesNothingThatDoesNotHoldTogether) {
  const std::string columns = R"({"mode":"every","site_columns":["leaf","live_bytes"],)";
  for (
      const std::string &text : {
          std::string(""),
          std::string("[]"),
          std::string("{}"),
          std::string("{\"mode\":\"every\""),
          std::string(R"({"mode":"on"})"),
          std::string(R"({"mode":"off"} {})"),
          std::string(R"({"mode":"off","pid":-1})"),
          std::string(R"({"mode":"every","sites":[[1,2]]})"),
          columns + R"("sites":[[1,2]]})",
          columns + R"("sites":[[0,2]],"nodes":[[0,-1,1]]})",
          columns + R"("sites":[[2,2]],"nodes":[[0,-1,1]]})",
          columns + R"("sites":[[1]],"nodes":[[0,-1,1]]})",
          columns + R"("sites":[[1,2,3]],"nodes":[[0,-1,1]]})",
          columns + R"("sites":[[1,-2]],"nodes":[[0,-1,1]]})",
          columns + R"("sites":[[1,2.5]],"nodes":[[0,-1,1]]})",
          columns + R"("sites":[[4294967297,2]],"nodes":[[0,-1,1]]})",
          columns + R"("nodes":[[1,-1,1]]})",
          columns + R"("nodes":[[2,-1,1],[0,-1,1]]})",
          columns + R"("nodes":[[0,-3,1]]})",
          columns + R"("nodes":[[0,0,1]]})",
          columns + R"("nodes":[[0,-1]]})",
          columns + R"("nodes":[[0,-1,1,1]]})",
          columns + R"("modules":[{"start":"0xg"}]})",
          columns + R"("modules":[{"start":4096}]})",
          columns + R"("modules":["/bin/shop"]})",
          columns + R"("modules":[[1]]})",
          columns + R"("nodes":[[0,-1,-1]]})",
          columns + R"("nodes":[[0,-1,0.5]]})",
          columns + R"("nodes":[[0,-0.5,1]]})",
          columns + R"("nodes":[[0,-1,1,"x"]]})",
          columns + R"("nodes":[[0,-1,[1],1]]})",
          columns + R"("nodes":[[0,-1,{"a":1},1]]})",
          columns + R"("nodes":[[0,-1,null,1]]})",
          columns + R"("nodes":[0,-1,1]})",
          columns + R"("nodes":[null]})",
          columns + R"("nodes":["0"]})",
          columns + R"("nodes":{"a":[0,-1,1]}})",
          columns + R"("nodes":7})",
          columns + R"("sites":"none"})",
          columns + R"("sites":true})",
          columns + R"("tags":[7]})",
          columns + R"("tags":[["parser"]]})",
          columns + R"("nodes":[[0,-1,1]],"sites":[[1,2]],"lifetimes":[[2,3,4]]})",
          columns + R"("nodes":[[0,-1,1]],"sites":[[1,2]],"lifetimes":[[1,32,4]]})",
          columns + R"("nodes":[[0,-1,1]],"sites":[[1,2]],"threads":[[2,7,1,1,1,0]]})",
          columns + R"("nodes":[[0,-1,1]],"sites":[[1,2]],"threads":[[1,7,1,1,1,-1]]})",
          columns + R"("nodes":[[0,-1,1]],"sites":[[1,2]],"threads":[[1,7,1,1,1,1e999]]})",
          columns + R"("time":"now"})",
          columns + R"("time":-1})",
          columns + R"("since":1e300})",
          columns + R"("until":null,"peak_live_time":NaN})",
          columns + R"("instead":1})",
          std::string(R"({"mode":"every","site_columns":["leaf",7,"live_bytes"],"sites":[[1,2]]})"),
          std::string(R"({"mode":"every","site_columns":{"leaf":0}})"),
          std::string(
              R"({"mode":"every","site_columns":["leaf","age_ms"],"sites":[[1,-1]],"nodes":[[0,-1,1]]})"),
          std::string(
              R"({"mode":"every","site_columns":["leaf","variance_bytes"],"sites":[[1,1e300]],"nodes":[[0,-1,1]]})"),
          columns + R"("nodes":)" + std::string(100, '['),
          columns + R"("name":")" + std::string(100'000, 'x') + "\"}",
      }) {
    EXPECT_THROW(parse_profile(text), NoAnswer) << text.substr(0, 200);
  }
}

std::string refusal(const std::string &text) {
  try {
    parse_profile(text);
  } catch (const NoAnswer &why) {
    return why.what();
  }
  return "";
}

TEST(Profile, TakesNoListTwiceAndNoRowWithoutEnd) {
  const std::string head = R"({"mode":"every","site_columns":["leaf","live_bytes"],)",
                    lists = R"("nodes":[[0,-1,1]],"sites":[[1,2]],)";
  for (const std::string twice :
       {R"("nodes":[[0,-1,1]])", R"("sites":[[1,2]])", R"("site_columns":["leaf"])",
        R"("modules":[],"modules":[])", R"("lifetimes":[],"lifetimes":[])", R"("threads":[],"threads":[])",
        R"("wrong_calls":[],"wrong_calls":[])", R"("tags":[],"tags":[])", R"("pid":1,"pid":2)"})
    EXPECT_TRUE(refusal(head + lists + twice + "}").find(" comes twice") != std::string::npos) << twice;
  std::string row = "1";
  for (int number = 1; number < 64; ++number) row += ",1";
  EXPECT_EQ(refusal(head + R"("of_a_newer_library":[[)" + row + "," + row + "]]," + lists + R"("pid":1})"),
            "");
  for (const std::string list : {"nodes", "sites", "lifetimes", "threads", "wrong_calls"}) {
    const std::string begin = fmt::format(R"({}"{}":[[)", head, list);
    EXPECT_NE(refusal(begin + row + ",1]]}").find("a row has more than 64 numbers"), std::string::npos)
        << list;
    EXPECT_NE(refusal(begin + row + "]]}"), "") << list;
  }
}

// A page of a megabyte that would keep its reader busy for hours.
TEST(Profile, TakesNoStacksThatAreLongOnlyBecauseTheyShareTheirNodes) {
  const auto page = [](std::size_t nodes, std::size_t sites) {
    std::string text = R"({"mode":"every","site_columns":["leaf"],"nodes":[[0,-1,1])";
    for (std::size_t node = 1; node < nodes; ++node) text += fmt::format(",[{},-1,1]", node);
    text += R"(],"sites":[)";
    for (std::size_t site = 0; site < sites; ++site)
      text += fmt::format("{}[{}]", site == 0 ? "" : ",", nodes);
    return text + "]}";
  };
  EXPECT_EQ(parse_profile(page(100'000, 100)).sites.size(), 100u);
  EXPECT_THROW(parse_profile(page(100'000, 1000)), NoAnswer);
}

TEST(Profile, NamesASiteByItsCodeAndNotByItsPlaceInThePage) {
  const Profile profile = parse_profile(two_sites().text());
  PageText more = two_sites(), rebuilt = two_sites();
  more.add({call("main"), call("extra")}, 1, 1);
  rebuilt.build_id = "decaf";
  EXPECT_EQ(site_name(profile, profile.sites[0]).size(), 16u);
  EXPECT_NE(site_name(profile, profile.sites[0]), site_name(profile, profile.sites[1]));
  const Profile other = parse_profile(more.text());
  EXPECT_EQ(site_name(profile, profile.sites[1]), site_name(other, other.sites[1]));
  const Profile another = parse_profile(rebuilt.text());
  EXPECT_NE(site_name(profile, profile.sites[1]), site_name(another, another.sites[1]));
}

// One call in each of these files, at the same place.
std::vector<std::string> names_in(const std::vector<symbols::Module> &modules) {
  Profile profile;
  profile.modules = modules;
  for (std::uint32_t at = 0; at < modules.size(); ++at) {
    profile.nodes.push_back({0, static_cast<int>(at), 0x1234});
    profile.sites.push_back({at + 1, {}});
  }
  std::vector<std::string> names;
  for (const Site &site : profile.sites) names.push_back(site_name(profile, site));
  return names;
}

TEST(Profile, NamesNoTwoFilesWithoutABuildIdTheSame) {
  const auto file = [](const std::string &path) { return symbols::Module{path, "", 0, 0, 0}; };
  const auto alone = names_in({file("/opt/a/plugin.so")});
  EXPECT_EQ(alone, names_in({file("/home/me/plugin.so")})) << "wherever it lies";
  const auto several = names_in({file("/opt/b/plugin.so"),
                                 file("/opt/a/plugin.so"),
                                 file("/opt/b/plugin.so"),
                                 {"/opt/c/plugin.so", "cafe", 0, 0, 0}});
  EXPECT_EQ(std::set(several.begin(), several.end()).size(), 4u);
  EXPECT_EQ(several[1], alone[0]);
}

}  // namespace
}  // namespace heapmeter::cli::sites
