// SPDX-License-Identifier: MIT
#include "flame/tree.h"

#include <gtest/gtest.h>

#include "flame/layout.h"
#include "tools/flame/stacks_text.h"

namespace heapmeter::cli::flame {
namespace {

Tree tree_of(const sites::Stacks &after, Grain grain, const sites::Stacks *before = nullptr) {
  return merge({"", {}, &after, before}, grain);
}

TEST(FlameTree, MergesStacksFromTheOutermostFrameOn) {
  const auto stacks = stacks_of_text("main;a;b 10\nmain;a;c 20\nmain;b 5\nmain;a 1\n");
  const Tree tree = tree_of(stacks, Grain::kFunctions);
  EXPECT_EQ(tree.frames.size(), 4u);
  EXPECT_EQ(tree.nodes.size(), 1 + 5u);
  EXPECT_EQ(tree.ends.size(), 4u);
  for (std::size_t node = 1; node < tree.nodes.size(); ++node) EXPECT_LT(tree.nodes[node].parent, node);
}

TEST(FlameTree, TellsScriptsApartOfCodeMadeAtRunTime) {
  sites::Stacks stacks = stacks_of_text("main;f@a.js:1 10\nmain;f@b.js:1 20\n");
  for (symbols::Frame &frame : stacks.frames) frame.module.clear();
  EXPECT_EQ(tree_of(stacks, Grain::kFunctions).ends.size(), 2u);
}

TEST(FlameTree, TellsLinesApartOnlyWhenAsked) {
  const auto stacks = stacks_of_text("main;f@f.cpp:1 10\nmain;f@f.cpp:2 20\n");
  EXPECT_EQ(tree_of(stacks, Grain::kLines).nodes.size(), 4u);
  const Tree merged = tree_of(stacks, Grain::kFunctions);
  ASSERT_EQ(merged.ends.size(), 1u);
  EXPECT_EQ(merged.ends[0].after.live_bytes, 30u);
  EXPECT_EQ(merged.ends[0].after.allocated_bytes, 90u);
}

TEST(FlameTree, TellsFunctionsOfOneNameInTwoModulesApart) {
  const auto stacks = stacks_of_text("one!init 1\nother!init 2\n");
  EXPECT_EQ(tree_of(stacks, Grain::kFunctions).frames.size(), 2u);
}

TEST(FlameTree, PutsTheModulesFirstThatHoldMostOnceAStack) {
  const auto stacks = stacks_of_text("app!main;small!a;small!b;small!c 10\napp!main;large!a 15\n");
  EXPECT_EQ(tree_of(stacks, Grain::kFunctions).modules, (std::vector<std::string>{"app", "large", "small"}));
}

TEST(FlameTree, PutsWhatIsInNoModuleLast) {
  const auto stacks = stacks_of_text("(stack cut short);app!main 10\nlib!a 1\n");
  EXPECT_EQ(tree_of(stacks, Grain::kFunctions).modules, (std::vector<std::string>{"app", "lib", ""}));
}

TEST(FlameTree, KnowsAFunctionOfTwoReadingsByItsName) {
  const auto before = stacks_of_text("gone;x 7\nmain;a 10\n"),
             after = stacks_of_text("main;a 30\nmain;b 5\n");
  const Tree tree = tree_of(after, Grain::kFunctions, &before);
  const std::vector<Box> boxes = layout(tree, kLiveBytes, 0);
  ASSERT_EQ(boxes.size(), 6u);
  EXPECT_EQ(boxes[0].after, 35);
  EXPECT_EQ(boxes[0].before, 17);
  EXPECT_EQ(boxes[0].larger, 42);
  EXPECT_EQ(boxes[1].width, 25.0 / 32) << "as wide as the change";
  EXPECT_EQ(boxes[2].before, 7);
}

TEST(FlameLayout, HasTheWidestFirstAndNoneTooNarrow) {
  const auto stacks = stacks_of_text("small 1\nlarge;x 60\nmiddle 39\n");
  const Tree tree = tree_of(stacks, Grain::kFunctions);
  const std::vector<Box> boxes = layout(tree, kLiveBytes, 0.02);
  ASSERT_EQ(boxes.size(), 4u);
  EXPECT_EQ(boxes[1].width, 0.6);
  EXPECT_EQ(boxes[2].left, 0.6);
  EXPECT_EQ(boxes[3].depth, 2);
  EXPECT_EQ(layout(tree, kMeasures[4], 0).size(), 1u) << "nobody knows of a peak here";
}

TEST(FlameLayout, AddsUpMoreThanSixtyFourBits) {
  const auto stacks = stacks_of_text("a 18446744073709551615\nb 18446744073709551615\n");
  EXPECT_EQ(layout(tree_of(stacks, Grain::kFunctions), kLiveBytes, 0)[1].width, 0.5);
}

}  // namespace
}  // namespace heapmeter::cli::flame
