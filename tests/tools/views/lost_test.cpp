// SPDX-License-Identifier: MIT
#include "views/lost.h"

#include <gtest/gtest.h>

#include <sstream>

#include "text/table.h"

using namespace heapmeter::cli;

namespace {

lost::Block block(std::uint64_t address, std::uint64_t bytes, std::uint32_t leaf) {
  lost::Block one;
  one.address = address;
  one.bytes = bytes;
  one.leaf = leaf;
  one.group = static_cast<std::uint32_t>(address);
  one.family = "malloc";
  return one;
}

symbols::Frame frame(const std::string &function) {
  symbols::Frame one;
  one.function = function;
  return one;
}

// Two call stacks that differ in their third frame, ten blocks each.
LostView view_of_two() {
  LostView view;
  view.look.live_blocks = 100;
  view.look.live_bytes = 10'000;
  view.look.registers = 6;
  view.stacks_known = true;
  for (std::uint64_t at = 0; at < 20; ++at)
    view.look.blocks.push_back(block(0x1000 + at * 16, 100, at < 10 ? 1 : 2));
  for (const lost::Row &row : lost::rows(view.look))
    view.rows.push_back({row, {frame("make"), frame("use"), frame(row.leaf == 1 ? "one" : "two")}});
  return view;
}

std::string text_of(const LostView &view, std::size_t depth, int width = 0) {
  return lost_text("it", view, {20, depth, Units{}, Paint(false), width});
}

TEST(LostText, AddsUp) {
  const std::string text = text_of(view_of_two(), 4);
  EXPECT_NE(text.find("at least 14 blocks, 1.37 KiB; with 6 more that registers may hold 20, 1.95 KiB;"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("1000 B    4-10"), std::string::npos) << text;
  EXPECT_NE(text.find("6 blocks in all"), std::string::npos) << text;
}

TEST(LostText, HasNoTwoRowsThatReadTheSame) {
  const LostView view = view_of_two();
  const std::string apart = text_of(view, 3), together = text_of(view, 2);
  EXPECT_NE(apart.find("  two"), std::string::npos) << apart;
  EXPECT_NE(together.find("1.95 KiB    8-20"), std::string::npos) << together;
  EXPECT_EQ(together.find("make"), together.rfind("make")) << together;
}

TEST(LostText, ShowsContentsWithinEightyColumns) {
  LostView view = view_of_two();
  view.contents = {{view.rows[0].row.example, std::string(16, 'h')},
                   {view.rows[1].row.example, "0123456789abcdef"}};
  const std::string text = text_of(view, 4, 80);
  EXPECT_NE(text.find("\n  30 31 32"), std::string::npos) << text;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 80u) << line;
}

}  // namespace
