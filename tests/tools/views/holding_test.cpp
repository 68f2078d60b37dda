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

}  // namespace
