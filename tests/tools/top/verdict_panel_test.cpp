// SPDX-License-Identifier: MIT
#include "top/verdict_panel.h"

#include <gtest/gtest.h>

#include "tools/top/boards.h"
#include "top/list_view.h"
#include "top/process_view.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::tui;
using namespace heapmeter::testing;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

Board board(int seconds) {
  return BoardMaker().make({{.pid = 1, .name = "leaks", .live = 5e6, .growth = 1 << 20},
                            {.pid = 2, .name = "rests", .live = 5e6},
                            {.pid = 3, .name = "swings", .live = 5e6, .wave = 2e6},
                            {.pid = 5, .name = "maps", .live = 5e6, .beside = 2 << 20},
                            {.pid = 4, .name = "stopped", .complaint = "not answering", .growth = 1 << 20}},
                           seconds);
}

const Row &row_of(const Board &board, const std::string &name) {
  for (const Row &row : board.rows) {
    if (row.member.name() == name) return row;
  }
  throw std::out_of_range(name);
}

std::string opened(const Board &board, const std::string &name, int width = 100) {
  const Row &row = row_of(board, name);
  State state{.showing = Showing::kProcess, .opened = row.key()};
  return draw_process(width, 80, board, &row, Inspection(row.key()), state, {}).text();
}

TEST(VerdictOfOpened, IsToldInALineAndWithItsEvidence) {
  const std::string text = opened(board(100), "leaks");
  EXPECT_TRUE(has(text, "verdict live grows by 1.00 MiB/s, steadily, for 1m 39s at least")) << text;
  EXPECT_TRUE(has(text, "VERDICTS")) << text;
  EXPECT_TRUE(has(text, "but a cache that is not full")) << text;
  EXPECT_TRUE(has(opened(board(100), "rests"), "verdict nothing unusual: live is flat at 4.77 MiB"));
  EXPECT_TRUE(has(opened(board(100), "swings"), "its floor does not rise")) << opened(board(100), "swings");
}

TEST(VerdictOfOpened, TellsOfResidentMemoryThatGrowsInNoBlock) {
  const std::string text = opened(board(100), "maps");
  EXPECT_TRUE(has(text, "verdict resident memory grows by 2.00 MiB/s, steadily, and live does not")) << text;
}

TEST(VerdictOfOpened, OfOneThatHasEndedIsOfWhatWas) {
  Board whole = board(100);
  for (Row &row : whole.rows) row.ended = row.member.name() == "leaks";
  const std::string text = opened(whole, "leaks");
  EXPECT_TRUE(has(text, "verdict live grew by 1.00 MiB/s, steadily, to the end")) << text;
  EXPECT_FALSE(has(text, "live grows")) << text;
}

TEST(Opened, HasNoRangeOfAPeakThatIsKnown) {
  Board whole = board(100);
  for (const std::uint64_t error : {0, 1 << 20}) {
    for (Row &row : whole.rows) {
      if (row.member.name() != "leaks") continue;
      Reading reading = *row.member.reading;
      reading.peak_error_bytes = error;
      row.member.reading = std::make_shared<const Reading>(reading);
    }
    const std::string text = opened(whole, "leaks", 250);
    EXPECT_EQ(has(text, "peak within"), error != 0) << text;
  }
}

TEST(VerdictOfOpened, WaitsForReadings) {
  EXPECT_TRUE(has(opened(board(20), "leaks"), "verdict nothing unusual")) << opened(board(20), "leaks");
  EXPECT_FALSE(has(opened(board(20), "leaks"), "live grows by"));
}

TEST(VerdictOfOpened, ComesWithWhatTheProcessWasAsked) {
  const Board usual = board(100);
  Inspection inspection = usual_inspection(row_of(usual, "rests").key());
  inspection.account->of(Holder::kOther).resident_bytes = 500'000'000;
  inspection.account->resident_bytes = inspection.account->explained_bytes();
  inspection.owners = {{"Python's arenas", "set PYTHONMALLOC=malloc"}};
  const auto verdicts = judged(row_of(usual, "rests"), inspection);
  EXPECT_EQ(verdicts.front().kind, verdicts::Kind::k_not_mallocs);
  EXPECT_TRUE(has(verdicts.front().words, "Python's arenas")) << verdicts.front().words;
}

// As wide as each: what is left out of the first line leaves no room for what is less important.
TEST(List, HasTheMostImportantOfItsSumsFirst) {
  const Board usual = board(100);
  const std::vector<std::string> sums = {" grows ", "live ", " allocs/s", "  in "};
  for (int width = 40; width <= 160; ++width) {
    State state;
    const std::string text = draw_list(width, 12, usual, state, listed(usual, state, {}), {}).text();
    const std::string line = text.substr(0, text.find('\n'));
    bool left_out = false;
    for (const std::string &sum : sums) {
      EXPECT_FALSE(left_out && has(line, sum)) << line;
      left_out = left_out || !has(line, sum);
    }
    EXPECT_TRUE(has(line, "  every 1 s")) << line << ": its own words, not the end of others";
  }
}

TEST(List, MarksWhoGrows) {
  State state;
  const auto drawn = [&](const Board &board) {
    return draw_list(120, 12, board, state, listed(board, state, {}), {}).text();
  };
  const std::string text = drawn(board(100));
  EXPECT_TRUE(has(text, " ^leaks")) << text;
  for (const char *other : {"^rests", "^swings", "^stopped"}) EXPECT_FALSE(has(text, other)) << text;
  EXPECT_FALSE(has(drawn(board(20)), "^leaks"));
}

}  // namespace
