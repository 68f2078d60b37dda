// SPDX-License-Identifier: MIT
//
// What top shows, at several sizes, against pictures that somebody has looked at.
#include <gtest/gtest.h>

#include <memory>

#include <clocale>

#include "tools/golden.h"
#include "tools/top/boards.h"
#include "top/help_view.h"
#include "top/list_view.h"
#include "top/process_view.h"

using namespace heapmeter::testing;
using namespace heapmeter::cli::tui;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class Pictures : public ::testing::Test {
 protected:
  Pictures() { setlocale(LC_CTYPE, "C.UTF-8"); }

  Canvas list(int width, int height, State state, bool utf8 = true) {
    const auto rows = listed(board_, state, {utf8});
    settle(state, rows, list_rows(height));
    return draw_list(width, height, board_, state, rows, {utf8});
  }
  Canvas process(int width, int height, State state, bool utf8 = true) {
    const Row *row = board_.find(key(4711));
    return draw_process(width, height, board_, row, usual_inspection(row->key()), state, {utf8});
  }
  std::string key(int pid) const {
    for (const Row &row : board_.rows) {
      if (row.member.shown_pid() == pid) return row.key();
    }
    return "";
  }

  Board board_ = usual_board();
};

TEST_F(Pictures, ListAtTheUsualSize) {
  const Canvas canvas = list(80, 24, {});
  expect_golden("top_80x24.txt", canvas.text());
  expect_golden("top_80x24.styles", canvas.styles());
}

TEST_F(Pictures, ListWhereThereIsMuchRoom) { expect_golden("top_250x80.txt", list(250, 80, {}).text()); }

TEST_F(Pictures, ListWhereThereIsLittleRoom) {
  expect_golden("top_40x10.txt", list(40, 10, {}).text());
  expect_golden("top_24x5.txt", list(24, 5, {}).text());
}

TEST_F(Pictures, ListSaysWhoGrowsAndStillDoes) {
  BoardMaker maker;
  const auto top_line = [&](int seconds) {
    board_ = maker.make({{.pid = 1, .name = "wave", .live = 8e6, .wave = 4e6}, {.pid = 2, .name = "still"}},
                        seconds);
    const std::string text = list(80, 10, {}).text();
    return text.substr(0, text.find('\n'));
  };
  EXPECT_NE(top_line(12).find("wave grows "), std::string::npos) << top_line(12);
  EXPECT_EQ(top_line(24).find("grows"), std::string::npos)
      << "above where it began, but falling: " << top_line(24);
}

TEST_F(Pictures, ListHasTheColumnItIsSortedByWhateverTheRoom) {
  for (const int width : {24, 40, 80}) {
    for (const ListColumn &column : list_columns()) {
      const std::string text = list(width, 10, {.sort = column.id}).text();
      const std::string title = (column.ascending ? "▲" : "▼") + std::string(column.title);
      EXPECT_NE(text.find(title), std::string::npos) << width << "\n" << text;
    }
  }
  EXPECT_NE(list(80, 10, {.sort = ColumnId::kPeak, .reverse = true}).text().find("▲PEAK"), std::string::npos);
}

TEST_F(Pictures, ListShowsNoHalfNumbers) {
  const std::string text = list(24, 10, {.sort = ColumnId::kLive, .exact = true}).text();
  EXPECT_NE(text.find(" 2309795333\n"), std::string::npos) << text;
}

TEST_F(Pictures, ListInAsciiAsATreeByName) {
  expect_golden("top_tree_ascii_120x12.txt",
                list(120, 12, {.sort = ColumnId::kName, .tree = true}, false).text());
}

TEST_F(Pictures, ListInExactBytesFilteredAndPaused) {
  expect_golden("top_exact_140x10.txt",
                list(140, 10, {.filter = "PYTHON", .typing = true, .paused = true, .exact = true}).text());
}

TEST_F(Pictures, ProcessAtTheUsualSize) {
  expect_golden("process_80x24.txt", process(80, 24, {}).text());
  expect_golden("process_80x24_end.txt", process(80, 24, {.scroll = 1000}).text());
}

TEST_F(Pictures, ProcessWhereThereIsMuchRoom) {
  const Canvas canvas = process(250, 80, {.whole = true});
  expect_golden("process_250x80.txt", canvas.text());
}

TEST_F(Pictures, ProcessWhereThereIsLittleRoomInAsciiAndExact) {
  expect_golden("process_ascii_50x40.txt", process(50, 40, {.exact = true}, false).text());
}

Code usual_code(const std::string &key) {
  Code code{key};
  code.state = Code::State::kKnown;
  code.rows = {{"Session::Session", "Server::serve", 12'000'000, 11'718, 4'096'000},
               {"Cache::put", "Server::serve", 9'000'000, 2'197, 0},
               {"parse<…>", "load(char const*)", 5'242'880, 40, -1024},
               {"libvendor.so.1+0x1f2", "worker", 1'981'000, 1'204, 0},
               {"(anonymous namespace)::Arena::grow", "main", 700'000, 2, 0},
               {"Log::line", "main", 90'000, 900, 60'000}};
  for (std::uint64_t each = 0; each < 9; ++each) code.rows.push_back({"small", "main", 1000 - each, 1, 0});
  code.before_bytes = 8'000'000;
  return code;
}

TEST_F(Pictures, ProcessWithItsCode) {
  const Row *row = board_.find(key(4711));
  Inspection inspection = usual_inspection(row->key());
  inspection.code = usual_code(row->key());
  State state;
  expect_golden("process_code_80x40.txt", draw_process(80, 40, board_, row, inspection, state, {}).text());
  expect_golden("process_code_120x40.txt", draw_process(120, 40, board_, row, inspection, state, {}).text());
  expect_golden("process_code_200x50.txt", draw_process(200, 50, board_, row, inspection, state, {}).text());
  expect_golden("process_code_ascii_120x40.txt",
                draw_process(120, 40, board_, row, inspection, state, {false}).text());
}

TEST_F(Pictures, ProcessSaysWhyItHasNoCode) {
  const Row *row = board_.find(key(4711));
  Inspection inspection = usual_inspection(row->key());
  State state;
  const auto text = [&] { return draw_process(80, 60, board_, row, inspection, state, {}).text(); };
  EXPECT_FALSE(has(text(), "CODE"));
  inspection.code = Code{row->key()};
  EXPECT_FALSE(has(text(), "CODE"));
  inspection.code->state = Code::State::kNaming;
  EXPECT_TRUE(has(text(), "being named")) << text();
  inspection.code->complaint = "not answering";
  EXPECT_TRUE(has(text(), "not answering")) << text();
}

TEST_F(Pictures, ProcessShowsWhatTheLastLookFoundLost) {
  Row row = *board_.find(key(4711));
  State state;
  const auto text = [&] {
    return draw_process(80, 60, board_, &row, usual_inspection(row.key()), state, {}).text();
  };
  EXPECT_FALSE(has(text(), "LOST")) << text();
  auto reading = std::make_shared<heapmeter::cli::Reading>(*row.member.reading);
  row.member.reading = reading;
  reading->monotonic_ns = 12'000'000'000;
  reading->fields["last_look"] = {{"monotonic_ns", 0},
                                  {"lost_blocks", 34},
                                  {"lost_bytes", 3400},
                                  {"perhaps_in_registers_blocks", 6},
                                  {"perhaps_in_registers_bytes", 600}};
  EXPECT_TRUE(has(text(), "3.32 KiB in 34 blocks")) << text();
  EXPECT_TRUE(has(text(), "600 B in 6 blocks more, perhaps")) << text();
  reading->fields["last_look"].as_object()["lost_blocks"] = 0;
  reading->fields["last_look"].as_object()["lost_bytes"] = 0;
  EXPECT_TRUE(has(text(), "600 B in 6 blocks, perhaps")) << text();
  EXPECT_FALSE(has(text(), "in 0 blocks")) << "what is in doubt does not stand as none: " << text();
  EXPECT_TRUE(has(text(), "by one look, 12.0 s ago")) << text();
}

TEST_F(Pictures, MarkWhoAttributesEveryAllocation) {
  BoardMaker maker;
  board_ = maker.make({{.pid = 1, .name = "plain"},
                       {.pid = 2, .name = "sampled", .sampling = "524288"},
                       {.pid = 3, .name = "dear", .sampling = "every"}});
  const std::string text = list(80, 24, {}).text();
  EXPECT_TRUE(has(text, " *dear ")) << text;
  EXPECT_FALSE(has(text, "*sampled")) << text;
  State state;
  const std::string opened =
      draw_process(80, 24, board_, board_.find(key(3)), usual_inspection(key(3)), state, {}).text();
  EXPECT_TRUE(has(opened, "every allocation attributed")) << opened;
}

TEST_F(Pictures, ProcessThatHasEndedOrSaysNothing) {
  State state;
  Row ended = *board_.find(key(4713));
  ended.ended = true;
  expect_golden("process_ended_80x24.txt", draw_process(80, 24, board_, &ended, {}, state, {}).text());
  const Row *silent = board_.find(key(1001));
  expect_golden("process_silent_60x6.txt", draw_process(60, 6, board_, silent, {}, state, {}).text());
}

TEST_F(Pictures, ListCountsTheRowsThatHaveNoRoom) {
  EXPECT_TRUE(has(list(80, 6, {}).text(), "Up Down 4 below  ? help"));
  State state;
  state.chosen = true;
  state.selected = key(4713);
  EXPECT_TRUE(has(list(80, 6, state).text(), "Up Down 2 above, 2 below  ? help"));
  EXPECT_FALSE(has(list(80, 24, {}).text(), "Up Down"));
}

TEST_F(Pictures, ListTellsGrowthBeforeMostElse) {
  for (const int width : {40, 60, 80, 100}) EXPECT_TRUE(has(list(width, 24, {}).text(), "LIVE/S")) << width;
}

TEST_F(Pictures, ChartBeginsAt0WhereThatShowsWhatChanges) {
  State state;
  const Row *swinging = board_.find(key(815));
  const std::string from_0 = draw_process(80, 24, board_, swinging, {}, state, {}).text();
  EXPECT_TRUE(has(from_0, "      0 ┤")) << from_0;
  EXPECT_FALSE(has(from_0, "axis from")) << from_0;
  EXPECT_TRUE(has(process(80, 24, {}).text(), "axis from")) << "else it says so";
}

TEST_F(Pictures, ChartSaysHowFarBackItIsKnown) {
  board_ = BoardMaker().make({{.pid = 4711, .live = 39e6, .wave = 5e6}}, 42);
  EXPECT_TRUE(has(process(200, 24, {}).text(), "all of 41.0 s, 1.00 s a column"));
  EXPECT_TRUE(has(process(100, 24, {.interval = 0.1}).text(), "the last 9.10 s"));
}

TEST_F(Pictures, NothingIsSummedUpWhileLinesStayEmpty) {
  EXPECT_TRUE(has(process(80, 24, {}).text() + process(80, 24, {.scroll = 1000}).text(), " others"));
  EXPECT_FALSE(has(process(120, 60, {}).text(), " others"));
}

TEST_F(Pictures, Help) {
  State state;
  expect_golden("help_80x40.txt", draw_help(80, 40, state).text());
}

TEST_F(Pictures, OfNobodySaysHowToStart) {
  board_ = {};
  EXPECT_NE(list(80, 24, {}).text().find("looking for"), std::string::npos);
  board_.filled = true;
  EXPECT_NE(list(80, 24, {}).text().find("heapmeter run --"), std::string::npos);
}

// Whatever the size, nothing is drawn outside and nothing throws.
TEST_F(Pictures, OfEverySizeAreWhole) {
  for (const int width : {1, 2, 7, 23, 24, 25, 39, 40, 41, 79, 80, 81, 119, 160, 500}) {
    for (const int height : {1, 2, 3, 5, 6, 10, 24, 100}) {
      for (const bool exact : {false, true}) {
        State state{.exact = exact};
        for (const Canvas &canvas :
             {list(width, height, state), process(width, height, state), draw_help(width, height, state)}) {
          EXPECT_EQ(canvas.width(), width);
          EXPECT_EQ(canvas.height(), height);
        }
      }
    }
  }
}

TEST_F(Pictures, InAsciiHaveOnlyAscii) {
  // But for names, which the screen itself makes readable.
  std::erase_if(board_.rows, [](const Row &row) { return row.member.shown_pid() == 3'000'000; });
  for (const Canvas &canvas : {list(200, 30, {.tree = true}, false), process(200, 60, {}, false)}) {
    for (const char letter : canvas.text()) EXPECT_GT(letter, 0);
  }
}

}  // namespace
