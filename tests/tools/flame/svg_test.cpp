// SPDX-License-Identifier: MIT
#include "flame/svg.h"

#include <gtest/gtest.h>

#include "flame/colour.h"
#include "tools/flame/stacks_text.h"

namespace heapmeter::cli::flame {
namespace {

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

std::size_t times(const std::string &text, const std::string &part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(FlameSvg, SaysWhatHoldsHowMuch) {
  const auto stacks = stacks_of_text("app!main;lib!keep(int) 3145728\napp!main 1048576\n");
  const std::string text = svg({"shop (1)", {"every allocation"}, &stacks, nullptr});
  EXPECT_TRUE(has(text, "<title>keep(int)\n3.00 MiB, 75.0 %, lib</title>")) << text;
  EXPECT_TRUE(has(text, ">main  4.00 MiB</text>"));
  EXPECT_TRUE(has(text, ">shop (1)</text>"));
  EXPECT_TRUE(has(text, ">every allocation</text>"));
  EXPECT_FALSE(has(text, "<script"));
  EXPECT_TRUE(has(svg({"", {}, &stacks, nullptr, &kMeasures[3]}), "all: allocations  6<"));
}

TEST(FlameSvg, TellsGrowthFromShrinking) {
  const auto before = stacks_of_text("a 100\nb 3000\nsame 50\n"), after = stacks_of_text("a 4196\nsame 50\n");
  const std::string text = svg({"", {}, &after, &before});
  EXPECT_TRUE(has(text, "<title>a\n100 B → 4.10 KiB, +4.00 KiB</title>")) << text;
  EXPECT_TRUE(has(text, "<title>b\n2.93 KiB → 0 B, -2.93 KiB</title>"));
  EXPECT_EQ(times(text, "fill=\"" + change_colour(-1) + "\""), 2u) << "b, and what the colour means";
  EXPECT_EQ(times(text, "fill=\"" + change_colour(0) + "\""), 1u) << "what has not changed takes no room";
}

TEST(FlameSvg, HasNoColourForWhatIsInNoModule) {
  const auto stacks = stacks_of_text("(stack cut short) 10\n");
  EXPECT_EQ(times(svg({"", {}, &stacks, nullptr}), "fill=\"#d5d5d5\""), 2u) << "as the root";
}

TEST(FlameSvg, LeavesOutWhatNobodyCanSee) {
  std::string lines = "main;large 100000000\n", deep = "f";
  for (int each = 0; each < 1000; ++each) lines += "main;f" + std::to_string(each) + " 100\n";
  for (int each = 0; each < 999; ++each) deep += ";f";
  const auto many = stacks_of_text(lines), tall = stacks_of_text(deep + " 1\n");
  EXPECT_EQ(times(svg({"", {}, &many, nullptr}), "<g>"), 3u);
  const std::string text = svg({"", {}, &tall, nullptr});
  EXPECT_EQ(times(text, "<g>"), 150u);
  EXPECT_TRUE(has(text, ">851 rows more are left out<"));
}

TEST(FlameSvg, ColoursTellTheSmallestChangeFromNone) {
  EXPECT_NE(change_colour(1e-9), change_colour(0));
  EXPECT_NE(change_colour(-1e-9), change_colour(0));
  EXPECT_EQ(change_colour(1), "#d6604d");
  EXPECT_EQ(change_colour(2), change_colour(1));
}

}  // namespace
}  // namespace heapmeter::cli::flame
