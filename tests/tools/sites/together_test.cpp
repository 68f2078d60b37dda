// SPDX-License-Identifier: MIT
#include "sites/together.h"

#include <gtest/gtest.h>

#include "page_text.h"

using namespace heapmeter::cli::sites;
using namespace heapmeter::testing;

namespace {

PageText one() {
  PageText page;
  page.add({call("main"), call("load")}, 2, 200);
  page.add({call("main"), call("index")}, 1, 10);
  return page;
}

// The same program, in which all came in another order.
PageText other(const PageText &first) {
  PageText page;
  page.names = first.names;
  page.add({call("main"), call("index")}, 4, 40);
  page.add({call("start"), call("load")}, 1, 7);
  return page;
}

std::uint64_t live_of(const Together &sum, const Profile &of, std::size_t site) {
  for (const Site &each : sum.profile.sites)
    if (site_name(sum.profile, each) == site_name(of, of.sites[site])) return each.values.live_bytes;
  return 0;
}

// One site, below a tag.
Profile tagged(std::vector<std::string> tags, std::uint64_t number) {
  Profile profile;
  profile.tags = std::move(tags);
  profile.nodes = {{0, kMark, kFirstTag + 1 + number}};
  profile.sites.emplace_back();
  profile.sites[0].leaf = 1;
  profile.sites[0].values.live_bytes = 5;
  return profile;
}

}  // namespace

TEST(Together, TakeATagByItsNameForTheSame) {
  const Together sum = together({tagged({"a", "b"}, 1), tagged({"b"}, 0), tagged({"c"}, 0)}, "shop");
  ASSERT_EQ(sum.profile.sites.size(), 2u);
  EXPECT_EQ(sum.profile.sites[0].values.live_bytes, 10u);
  EXPECT_EQ(sum.profile.tags, (std::vector<std::string>{"b", "c"}));
}

TEST(Together, AreTheSumsOfTheSameCode) {
  const PageText first = one(), second = other(first);
  const std::vector<Profile> members = {parse_profile(first.text()), parse_profile(second.text())};
  const Together sum = together(members, "shop");
  EXPECT_EQ(sum.profile.live_bytes, 257u);
  EXPECT_EQ(sum.profile.sites.size(), 3u);
  EXPECT_EQ(live_of(sum, members[0], 0), 200u);
  EXPECT_EQ(live_of(sum, members[0], 1), 50u);
  EXPECT_EQ(live_of(sum, members[1], 1), 7u);
  EXPECT_EQ(sum.profile.modules.size(), 1u) << "of one build-id";
  EXPECT_EQ(largest_of(members), &members[0]);
  EXPECT_EQ(largest_of({members[0], members[0]}), nullptr);
}

TEST(Together, KeepOtherBuildsApart) {
  const PageText first = one();
  PageText second = one();
  second.build_id = "ffee";
  const Together sum = together({parse_profile(first.text()), parse_profile(second.text())}, "shop");
  EXPECT_EQ(sum.profile.sites.size(), 4u);
  const auto origin = sum.origin(1, 0);
  EXPECT_EQ(origin.member, 1u);
  EXPECT_EQ(origin.module, 0);
}

TEST(Together, KeepOtherFilesApartThatSayNoBuild) {
  PageText page = one();
  page.build_id = "";
  std::vector<Profile> members(3, parse_profile(page.text()));
  for (int i = 0; i < 3; ++i) members[static_cast<std::size_t>(i)].pid = i;
  const auto of = [&](const Profile &member) { return std::pair(member.pid, member.start_time); };
  const Together sum =
      together(members, "shop", {{of(members[0]), {"1"}}, {of(members[1]), {"1"}}, {of(members[2]), {"2"}}});
  EXPECT_EQ(sum.profile.modules.size(), 2u);
  EXPECT_EQ(sum.profile.sites.size(), 4u);
}

TEST(Together, AreEstimatesWhereOneIs) {
  const PageText first = one();
  PageText second = other(first);
  second.mode = "sampled";
  const Together sum = together({parse_profile(first.text()), parse_profile(second.text())}, "shop");
  EXPECT_EQ(sum.profile.mode, Mode::kSampled);
}
