// SPDX-License-Identifier: MIT
#include "views/holding.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

namespace {

TEST(HoldingTable, HasOneRowForAllWordsOfAVariable) {
  HoldingView view;
  view.wanted = "blocks of 32 bytes";
  view.holding.blocks = view.holding.reached_blocks = 4;
  lost::Holder first, second, other;
  first.kind = second.kind = other.kind = lost::Holder::Kind::kData;
  first.address = 0x1000;
  second.address = 0x1008;
  other.address = 0x2000;
  view.holding.holders = {{other, 2}, {first, 2}, {second, 1}};
  view.holder_names = {"other", "cache", "cache"};
  const std::string text = holding_table("shop (4711)", view, 20, Look{});
  EXPECT_NE(text.find("       3  cache\n       2  other\n"), std::string::npos) << text;
}

TEST(HoldingTable, SaysWhereNothingLeadsToThem) {
  HoldingView view;
  view.wanted = "blocks of 32 bytes";
  view.holding.blocks = 4;
  EXPECT_NE(holding_table("it", view, 20, Look{})
                .find("4 live blocks, 0 B; no way leads to any of them from a root, see heapmeter leaks"),
            std::string::npos);
  view.holding.reached_blocks = 3;
  EXPECT_NE(holding_table("it", view, 20, Look{}).find("of these 1 not led to from any root"),
            std::string::npos);
}

// As long as a page may say: each step holds the one before.
TEST(HoldingTree, OfManyStepsIsNoWiderThanDeep) {
  constexpr std::size_t kSteps = 20'000;
  HoldingView view;
  for (std::size_t at = 0; at < kSteps; ++at) view.holding.ways.push_back({at, {}, 1, 1});
  view.way_names.assign(kSteps, "step");
  const std::string text = holding_tree("it", view, kSteps, Look{});
  EXPECT_NE(text.find("          step\n"), std::string::npos) << "the first are told apart";
  EXPECT_LT(text.size(), kSteps * 200);
}

}  // namespace
