// SPDX-License-Identifier: MIT
#include "sites/ranking.h"

#include <gtest/gtest.h>

#include <chrono>

#include "sites/of_threads.h"
#include "sites/together.h"
#include "sites/tree.h"
#include "text/user_error.h"
#include "tools/sites/page_text.h"

namespace heapmeter::cli::sites {
namespace {

using heapmeter::testing::call;
using heapmeter::testing::PageText;

PageText shop() {
  PageText page;
  page.add({call("main"), call("serve"), call("load", "load.cpp", 3)}, 2, 100, 10, 1000);
  page.add({call("main"), call("serve"), call("parse", "json.cpp", 9)}, 5, 60, 5, 60);
  page.add({call("main"), call("warm"), call("load", "load.cpp", 3)}, 1, 40, 1, 40);
  page.add({call("main"), call("gone")}, 0, 0, 7, 70);
  return page;
}

Stacks named(const PageText &page) { return name_stacks(parse_profile(page.text()), page.naming()); }

std::string innermost(const Stacks &stacks, const std::vector<const Stacks::Stack *> &chosen) {
  std::string names;
  for (const Stacks::Stack *stack : chosen) names += stacks.frames[stack->frames.back()].function + " ";
  return names;
}

TEST(Ranking, IsByWhatWasAskedFor) {
  const Stacks stacks = named(shop());
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kLive, {})), "load parse load ");
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kBlocks, {})), "parse load load ");
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kAllocated, {})), "load gone parse load ");
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kTemporary, {})), "");
}

TEST(Ranking, HasWhatHoldsNothingBehindWhatDoes) {
  const Stacks stacks = named(shop());
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kLive, {}, 5)), "load parse load gone ");
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kTemporary, {}, 2)), "load gone ") << "what allocated most";
}

TEST(Ranking, ChoosesWholeStacks) {
  const Stacks stacks = named(shop());
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kLive, {"^serve$", ""})), "load parse ");
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kLive, {"", "json|warm"})), "load ");
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kLive, {"load", "warm"})), "load ");
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kLive, {"nowhere", ""})), "");
  EXPECT_THROW(ranked(stacks, By::kLive, {"(", ""}), UserError);
}

// A name is anybody's: it must neither hold the tool up nor bring it down.
TEST(Ranking, LooksForExpressionsInNamesMadeAgainstThem) {
  PageText page;
  page.add({call("main"), call(std::string(60, 'x'))}, 1, 100);
  page.add({call("main"), call(std::string(symbols::kLongestText, 'a'))}, 1, 90);
  const Stacks stacks = named(page);
  const auto start = std::chrono::steady_clock::now();
  for (const char *difficult : {"(x+x+)+y", "(x*)*y", "(a|b|ab)*c", "(.*)(.*)(.*)(.*)z"})
    EXPECT_EQ(ranked(stacks, By::kLive, {difficult, ""}).size(), 0u) << difficult;
  EXPECT_EQ(ranked(stacks, By::kLive, {"(x+x+)+$", ""}).size(), 1u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_THROW(ranked(stacks, By::kLive, {"((x*)\\2)*z", ""}), UserError) << "no automaton can do that";
}

TEST(Ranking, KnowsWhatTheProcessHoldsInAll) {
  PageText page = shop();
  page.before_bytes = 800;
  const Profile profile = parse_profile(page.text());
  EXPECT_EQ(whole(profile, By::kLive), 1000);
  EXPECT_EQ(whole(profile, By::kAllocated), 1170);
}

// Of one sample each may stand for more than all there is.
TEST(Ranking, HasNoShareAboveTheWhole) {
  PageText page = shop();
  Profile profile = parse_profile(page.text());
  profile.live_bytes = 150;
  profile.live_blocks = 1;
  profile.peak_live_bytes = 3;
  profile.sites[0].values.peak_bytes = 7;
  EXPECT_EQ(whole(profile, By::kLive), 200) << "which the sites come to";
  EXPECT_EQ(whole(profile, By::kBlocks), 8);
  EXPECT_EQ(whole(profile, By::kPeak), 7);
  profile.before.live_bytes = 30;
  EXPECT_EQ(whole(profile, By::kLive), 230);
}

TEST(Ranking, IsOfAllThreadsWhereOneIsShown) {
  PageText page = shop();
  Profile profile = parse_profile(page.text());
  profile.live_bytes = 100;
  profile.held_by_threads = {{profile.sites[0].leaf, 71, 1, 150, 1, 0},
                             {profile.sites[1].leaf, 72, 2, 250, 1, 0}};
  ThreadList list;
  for (const int tid : {71, 72}) {
    list.threads.emplace_back().tid = tid;
    list.threads.back().name = "worker-" + std::to_string(tid);
  }
  const Profile one = of_threads(profile, list, "worker-71");
  EXPECT_EQ(whole(one, By::kLive), 400);
  EXPECT_EQ(whole(one, By::kBlocks), 8) << "exact: the samples come to less";
  EXPECT_EQ(whole(together({one, of_threads(profile, list, "71")}, "two", {}).profile, By::kLive), 800);
}

TEST(Ranking, AtThePeakIsOfWhatTheProcessHeldThen) {
  PageText page;
  page.tell_peaks(1000);
  page.add({call("main"), call("keeps")}, 1, 50, 1, 50, 50, 1);
  page.add({call("main"), call("gone")}, 0, 0, 9, 900, 900, 9);
  page.add({call("main"), call("late")}, 1, 60, 1, 60, 0, 0);
  const Profile profile = parse_profile(page.text());
  EXPECT_TRUE(profile.has_peaks);
  EXPECT_EQ(whole(profile, By::kPeak), 1000);
  EXPECT_EQ(profile.before.peak_bytes, 50u) << "older than attribution";
  const Stacks stacks = name_stacks(profile, page.naming());
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kPeak, {})), "gone keeps ");
}

TEST(Ranking, ByAgeIsOfBytesTimesTime) {
  PageText page;
  page.columns = R"("leaf","live_blocks","live_bytes","allocations","allocated_bytes","age_ms","oldest_ms")";
  page.add({call("main"), call("old")}, 1, 50, 1, 50, 9000, 9500);
  page.add({call("main"), call("large")}, 1, 5000, 1, 5000, 100, 100);
  page.add({call("main"), call("unknown")}, 1, 7000, 1, 7000, 0, 0);
  const Profile profile = parse_profile(page.text());
  EXPECT_TRUE(profile.has_ages);
  const Stacks stacks = named(page);
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kAge, {})), "large old ");
  EXPECT_EQ(whole(profile, By::kAge), 50 * 9000 + 5000 * 100);
  EXPECT_EQ(profile.sites[0].values.oldest_ms, 9500u);
}

TEST(Ranking, ShortLivedAreThoseUnderTheNextDoubling) {
  PageText page;
  page.columns = R"("leaf","live_blocks","live_bytes","allocations","allocated_bytes","age_ms","oldest_ms")";
  page.head += R"(,"lifetimes":[[3,4,100],[2,0,7],[2,3,20],[2,4,1000]])";
  page.add({call("main"), call("brief")}, 0, 0, 9, 900);
  page.add({call("main"), call("slow")}, 0, 0, 9, 900);
  Profile profile = parse_profile(page.text());
  tell_short_lived(profile, 5);
  EXPECT_EQ(profile.temporary_ms, 8u);
  EXPECT_EQ(profile.sites[0].values.temporary, 27u);
  EXPECT_EQ(profile.sites[1].values.temporary, 0u);
  tell_short_lived(profile, 16);
  EXPECT_EQ(profile.temporary_ms, 16u);
  EXPECT_EQ(profile.sites[1].values.temporary, 100u);
  ASSERT_EQ(lived_by(profile, 2).size(), 3u);
  EXPECT_EQ(lived_by(profile, 2)[2].blocks, 1000u);
  Profile old = parse_profile(shop().text());
  EXPECT_THROW(tell_short_lived(old, 5), UserError);
}

TEST(Ranking, OfAChangeIsWhatGrewAndWhatShrank) {
  PageText before, after;
  for (PageText *page : {&before, &after}) {
    const bool later = page == &after;
    page->add({call("main"), call("grows")}, later ? 9 : 4, later ? 90 : 40, later ? 20 : 10,
              later ? 200 : 100);
    page->add({call("main"), call("shrinks")}, later ? 1 : 4, later ? 10 : 40, 4, 40);
    page->add({call("main"), call("stays")}, 1, 10);
    if (later) page->add({call("main"), call("comes")}, 1, 10);
  }
  const Profile change = sites::change(parse_profile(before.text()), parse_profile(after.text()));
  const Stacks stacks = name_stacks(change, after.naming());
  const auto chosen = ranked(stacks, By::kGrowth, {});
  EXPECT_EQ(innermost(stacks, chosen), "grows comes shrinks ");
  EXPECT_EQ(amount(chosen[0]->values, By::kGrowth), 50);
  EXPECT_EQ(amount(chosen[2]->values, By::kGrowth), -30);
  EXPECT_EQ(innermost(stacks, ranked(stacks, By::kRate, {})), "grows comes ");
}

TEST(Ranking, ComparesOnlyWhatGoesOn) {
  PageText before = shop(), after = shop();
  after.head = R"("mean_bytes":0,"since":1030,"until":0)";
  EXPECT_THROW(change(parse_profile(before.text()), parse_profile(after.text())), UserError);
}

TEST(Tree, AddsUpFromEitherEnd) {
  const Stacks stacks = named(shop());
  const auto chosen = ranked(stacks, By::kLive, {});
  const auto line = [&](const Tree &tree, std::uint32_t at) {
    return stacks.frames[tree.all[at].frame].function + " " + std::to_string(tree.all[at].values.live_bytes);
  };
  const Tree callees = tree_of(chosen, Direction::kCallees, By::kLive);
  EXPECT_EQ(callees.all[0].values.live_bytes, 200u);
  ASSERT_EQ(callees.all[0].branches.size(), 1u);
  const Branch &main = callees.all[callees.all[0].branches[0]];
  ASSERT_EQ(main.branches.size(), 2u);
  EXPECT_EQ(line(callees, main.branches[0]), "serve 160");
  EXPECT_EQ(line(callees, main.branches[1]), "warm 40");
  const Tree callers = tree_of(chosen, Direction::kCallers, By::kLive);
  ASSERT_EQ(callers.all[0].branches.size(), 2u);
  EXPECT_EQ(line(callers, callers.all[0].branches[0]), "load 140");
  const Branch &load = callers.all[callers.all[0].branches[0]];
  ASSERT_EQ(load.branches.size(), 2u);
  EXPECT_EQ(line(callers, load.branches[1]), "warm 40");
}

}  // namespace
}  // namespace heapmeter::cli::sites
