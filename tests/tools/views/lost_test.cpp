// SPDX-License-Identifier: MIT
#include "views/lost.h"

#include <gtest/gtest.h>

#include <sstream>

#include "text/table.h"
#include "views/lost_at_exit.h"

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
  const std::string text = text_of(view_of_two(), 4, 300);
  EXPECT_NE(
      text.find(
          "it: lost: at least 14 blocks, 1.37 KiB; perhaps 6 more, 600 B; of 100 live blocks, 9.77 KiB\n"
          "Nothing that the program can still reach points at any of these 20, but 6 may yet be in use: what "
          "6 "
          "registers of its threads point at is not known; --registers reads them.\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("1000 B    4-10"), std::string::npos) << text;
  EXPECT_NE(text.find("A row's lower end"), std::string::npos) << text;
}

// What nothing points at in memory never stands as nothing.
TEST(LostText, OfNothingProvenSaysWhatMayBe) {
  LostView view = view_of_two();
  view.look.registers = 24;
  const std::string text = text_of(view, 4);
  EXPECT_TRUE(text.starts_with(
      "it: perhaps lost: 20 blocks, 1.95 KiB, none proven; of 100 live blocks, 9.77 KiB\n"
      "Nothing that the program can still reach points at any of these 20, but they may yet be "
      "in use: what 24 registers of its"))
      << text;
  view.look.blocks.resize(1);
  EXPECT_NE(text_of(view, 4).find("perhaps lost: 1 block, 100 B, none proven"), std::string::npos);
  EXPECT_NE(
      text_of(view, 4).find("\nNothing that the program can still reach points at it, but it may yet be "
                            "in use: what 24 "),
      std::string::npos)
      << text_of(view, 4);
}

TEST(LostText, OfRegistersThatWereReadSaysWhatTheyHold) {
  LostView view = view_of_two();
  view.registers = ReadRegisters{1, 0, false, 0.001};
  view.look.registers = 0;
  EXPECT_NE(text_of(view, 4).find("lost: at least 20 blocks, 1.95 KiB; of 100 live blocks, 9.77 KiB\n BYTES"),
            std::string::npos)
      << text_of(view, 4);
  view.look.blocks[3].held = true;
  EXPECT_NE(text_of(view, 4).find("but 1 may yet be in use: a register points at it.\n"), std::string::npos)
      << text_of(view, 4);
  view.look.blocks[4].held = true;
  view.look.registers = 6;
  const std::string text = text_of(view, 4, 300);
  EXPECT_NE(
      text.find("but 8 may yet be in use: registers point at them, or at what hangs together with them, and "
                "what 6 registers of its threads point at is not known.\n"),
      std::string::npos)
      << text;
}

TEST(LostText, OfThreadsThatCouldNotBeCaughtUpWithSaysSo) {
  LostView view = view_of_two();
  view.registers = ReadRegisters{7, 2, true, 1.1};
  EXPECT_NE(text_of(view, 4, 400)
                .find("Its threads made others as fast as these were stopped, until that was given "
                      "up: so in doubt is what it would be without --registers, too."),
            std::string::npos)
      << text_of(view, 4, 400);
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

TEST(LostLine, NeverHasWhatIsInDoubtAsNone) {
  LostAtExit lost;
  lost.looks = 1;
  lost.sum.blocks = 3;
  lost.sum.bytes = 96;
  EXPECT_EQ(lost_line(lost, Units{}),
            "      96 B in 3 blocks perhaps, none proven: registers of its threads may hold all of it");
  lost.sum.least_blocks = 1;
  lost.sum.least_bytes = 32;
  EXPECT_EQ(lost_line(lost, Units{}),
            "      32 B in 1 block, at least; perhaps 2 more, 64 B, that registers of its threads may hold");
}

TEST(LostAtExitText, HasNothingProvenAsPerhapsLost) {
  const LostView view = view_of_two();
  LostAtExit lost;
  lost.looks = 1;
  lost.rows = view.rows;
  for (const lost::NamedRow &row : lost.rows) lost.sum += row.row.sum;
  const auto places = [&] { return lost_places(lost, 5, 4, Units{}, Paint(false), 80, true); };
  const std::string words = "lost: nothing reachable points at these blocks any more; allocated by\n";
  EXPECT_TRUE(places().starts_with(words)) << places();
  lost.sum.least_blocks = lost.sum.least_bytes = 0;
  EXPECT_TRUE(places().starts_with("perhaps " + words)) << places();
}

}  // namespace
