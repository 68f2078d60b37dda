// SPDX-License-Identifier: MIT
//
// The parts the pictures are made of.
#include <gtest/gtest.h>

#include <clocale>

#include "tools/top/boards.h"
#include "top/canvas.h"
#include "top/graphs.h"
#include "top/history.h"
#include "top/panel.h"

using namespace heapmeter::testing;
using namespace heapmeter::cli::tui;

namespace {

TEST(Canvas, CutsOffWhatIsOutside) {
  Canvas canvas(5, 2);
  canvas.put(3, 0, "abc");
  canvas.put(-1, 1, "xyz");
  canvas.put(0, 7, "nowhere");
  canvas.put_right(2, 0, "12345");
  EXPECT_EQ(canvas.text(), "45 ab\nyz\n");
}

TEST(Canvas, HasWideLettersWholeOrNotAtAll) {
  setlocale(LC_CTYPE, "C.UTF-8");
  Canvas canvas(5, 1);
  canvas.put(0, 0, "漢字漢");
  EXPECT_EQ(canvas.text(), "漢字\n");
  canvas.put(1, 0, "x");
  EXPECT_EQ(canvas.text(), " x字\n");
  EXPECT_EQ(text_width("漢a"), 3);
  EXPECT_EQ(shortened("漢字漢字", 6, true), "漢字…");
  EXPECT_EQ(shortened("abcdef", 3, false), "ab~");
}

TEST(Canvas, MakesControlCharactersVisible) {
  Canvas canvas(12, 1);
  canvas.put(0, 0, "a\x1b[2J\n\xff\xe2\x80\xae");  // the last turns the writing direction around
  EXPECT_EQ(canvas.text(), "a?[2J???\n");
}

TEST(Sparkline, ShowsFromTheSmallestToTheLargest) {
  Canvas canvas(9, 1);
  draw_sparkline(canvas, 0, 0, {std::nullopt, 100, 200, 150, 200}, true, Style::kGraph);
  EXPECT_EQ(canvas.text(), " ▁█▅█\n");
}

TEST(Sparkline, LeavesNoiseFlat) {
  Canvas canvas(4, 1);
  draw_sparkline(canvas, 0, 0, {1'000'000, 1'000'100, 1'000'000}, false, Style::kGraph);
  EXPECT_EQ(canvas.text()[0], canvas.text()[1]);
}

TEST(Bar, IsFineAndShowsTheLeast) {
  Canvas canvas(8, 4);
  draw_bar(canvas, 0, 0, 8, 0.5625, true, Style::kGraph);
  draw_bar(canvas, 0, 1, 8, 0.0001, true, Style::kGraph);
  draw_bar(canvas, 0, 2, 8, 0, true, Style::kGraph);
  draw_bar(canvas, 0, 3, 8, 7, false, Style::kGraph);
  EXPECT_EQ(canvas.text(), "████▌\n▏\n\n########\n");
}

TEST(Chart, FillsFromBelow) {
  Canvas canvas(3, 2);
  draw_chart(canvas, 0, 0, 2, {0, 50, 100}, {0, 100}, true, Style::kGraph);
  EXPECT_EQ(canvas.text(), "  █\n▁██\n");
}

TEST(History, HasTheHighestOfEachColumn) {
  History history;
  for (int tick = 0; tick < 40; ++tick) history.add(tick / 4.0, tick % 4 == 2 ? 100 : 10);
  const Graph graph = history.graph(9.75, 1, 12);
  ASSERT_EQ(graph.size(), 12u);
  EXPECT_FALSE(graph[0] || graph[1]) << "before the first";
  for (std::size_t column = 2; column < 12; ++column) EXPECT_EQ(graph[column], 100.0);
}

TEST(History, GoesOnWhereNoReadingCame) {
  History history;
  history.add(0, 5);
  history.add(3, 7);
  EXPECT_EQ(history.graph(4, 1, 5), (Graph{5, 5, 5, 7, 7}));
  EXPECT_EQ(history.graph(100, 1, 2), (Graph{7, 7}));
  EXPECT_EQ(History().graph(4, 1, 2), (Graph{std::nullopt, std::nullopt}));
}

TEST(History, GrowsBetweenTheEndsOfATime) {
  History history;
  EXPECT_EQ(history.growth(10), 0);
  history.add(0, 1000);
  EXPECT_EQ(history.growth(10), 0);
  history.add(5, 6000);
  history.add(10, 5000);
  EXPECT_EQ(history.growth(10), 400);
  EXPECT_EQ(history.growth(5), -200);
  EXPECT_EQ(history.growth(1000), 400);
}

TEST(History, IsBounded) {
  History history;
  for (int second = 0; second < 50'000; ++second) history.add(second, 1);
  EXPECT_GT(history.first(), 40'000);
  EXPECT_EQ(history.last(), 49'999);
}

TEST(Board, KeepsHistoryOfThoseThatStay) {
  BoardMaker maker;
  Board board = maker.make({{.pid = 1}, {.pid = 2}}, 5);
  EXPECT_EQ(board.rows[0].history.first(), 0);
  EXPECT_NEAR(board.rows[0].rates->allocations, 5000, 1);
  std::vector<heapmeter::cli::Member> members{board.rows[1].member};
  members[0].complaint = "not answering";
  const auto last = board.rows[1].history.last();
  board.update(members, 9);
  ASSERT_EQ(board.rows.size(), 1u);
  EXPECT_EQ(board.rows[0].history.last(), last) << "the same reading again is no sample";
  EXPECT_FALSE(board.rows[0].rates) << "nobody knows";
}

TEST(Inspection, HasTheBusiestThreadsFirst) {
  const Inspection inspection = usual_inspection("key");
  ASSERT_EQ(inspection.threads.size(), 5u);
  EXPECT_EQ(inspection.threads[0].bytes, 400'000);
  EXPECT_EQ(inspection.threads[0].allocations, 4000);
  EXPECT_EQ(inspection.threads[4].bytes, 0);
}

heapmeter::cli::ThreadEntry thread_with(int tid, std::uint64_t allocated, std::uint64_t freed) {
  return {tid, "thread", {allocated, freed, 0, allocated, freed}};
}

TEST(Inspection, TellsWhatChangedSinceTheFirstLook) {
  Inspection inspection{"key"};
  inspection.take_sizes({{16, 5, 80, 80, 10, 5}});
  inspection.take_threads({0, 0, {thread_with(1, 100, 0), thread_with(2, 50, 20)}, {9, 9, 0, 90, 80}}, 1);
  EXPECT_EQ(inspection.sizes[0].live_bytes, 0);
  EXPECT_EQ(inspection.threads[0].change, 0);
  EXPECT_EQ(inspection.exited_change, 0);
  inspection.take_sizes({{16, 4, 64, 64, 10, 6}, {32, 1, 30, 32, 1, 0}});
  // 2 has ended, after 7 bytes more; 3 is new.
  inspection.take_threads({0, 0, {thread_with(1, 140, 10), thread_with(3, 5, 1)}, {9, 9, 0, 147, 100}}, 2);
  EXPECT_EQ(inspection.sizes[0].live_bytes, -16);
  EXPECT_EQ(inspection.sizes[1].live_bytes, 30) << "of a class that is new";
  EXPECT_EQ(inspection.threads[0].change, 30);
  EXPECT_EQ(inspection.threads[1].change, 4);
  EXPECT_EQ(inspection.exited_change, 7);
}

TEST(Inspection, BeginsAnewAfterAnExec) {
  Inspection inspection{"key"};
  inspection.take_sizes({{16, 5, 80, 80, 10, 5}});
  inspection.take_threads({0, 0, {thread_with(1, 100, 0)}, {}}, 1);
  inspection.take_sizes({{16, 3, 48, 48, 3, 0}});
  inspection.take_threads({0, 0, {thread_with(1, 48, 0)}, {}}, 2);
  EXPECT_EQ(inspection.sizes[0].live_bytes, 0);
  EXPECT_EQ(inspection.threads[0].change, 0);
}

TEST(Panel, LeavesOutFiguresThatHaveNoRoom) {
  const auto panel = [](int width) {
    return bar_panel(width, "TITLE", {"ONE", "TWO"}, {{"label", {"1", "2"}, 1}}, false).text();
  };
  EXPECT_EQ(panel(18), "TITLE ONE TWO\nlabel   1   2 ####\n");
  EXPECT_EQ(panel(13), "TITLE ONE TWO\nlabel   1   2\n");
  EXPECT_EQ(panel(12), "TITLE ONE\nlabel   1\n");
  EXPECT_EQ(panel(3), "TIT\nla~\n");
}

TEST(Panel, BreaksLongLines) {
  EXPECT_EQ(text_panel(12, "TITLE", {{"one two three four"}}).text(), "TITLE\none two\n  three four\n");
}

}  // namespace
