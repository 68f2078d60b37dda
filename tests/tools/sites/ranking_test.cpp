// SPDX-License-Identifier: MIT
#include "sites/ranking.h"

#include <gtest/gtest.h>

#include <chrono>

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
