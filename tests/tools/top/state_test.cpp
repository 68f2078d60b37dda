// SPDX-License-Identifier: MIT
//
// What the keys do.
#include <gtest/gtest.h>

#include "tools/top/boards.h"
#include "top/state.h"

using namespace heapmeter::testing;
using namespace heapmeter::cli::tui;
using Kind = Key::Kind;

namespace {

class Keys : public ::testing::Test {
 protected:
  void hit(Kind kind) {
    press(state_, {kind}, board_, 4);
    settle(state_, list(), 4);
  }
  void type(const std::string &letters) {
    for (const char letter : letters) {
      press(state_, {Kind::kLetter, static_cast<char32_t>(letter)}, board_, 4);
      settle(state_, list(), 4);
    }
  }
  std::vector<Listed> list() const { return listed(board_, state_, {}); }
  std::vector<int> pids() const {
    std::vector<int> found;
    for (const Listed &each : list()) found.push_back(each.row->member.shown_pid());
    return found;
  }
  int selected() const {
    const Row *row = board_.find(state_.selected);
    return row == nullptr ? 0 : row->member.shown_pid();
  }
  using Pids = std::vector<int>;

  Board board_ = BoardMaker().make({{.pid = 1, .name = "Apple", .live = 1e6},
                                    {.pid = 2, .parent = 4, .name = "banana", .live = 5e6},
                                    {.pid = 3, .name = "cherry", .live = 3e6},
                                    {.pid = 4, .name = "date", .live = 2e6},
                                    {.pid = 5, .name = "fig", .complaint = "never"},
                                    {.pid = 6, .parent = 4, .name = "apple", .live = 4e6}});
  State state_;
};

TEST_F(Keys, SortByEveryColumnBothWays) {
  EXPECT_EQ(pids(), (Pids{2, 6, 3, 4, 1, 5}));
  type("r");
  EXPECT_EQ(pids(), (Pids{1, 4, 3, 6, 2, 5})) << "what is not known stays last";
  type("<");
  EXPECT_EQ(state_.sort, ColumnId::kName);
  EXPECT_EQ(pids(), (Pids{5, 1, 6, 2, 3, 4})) << "the one without a reading has no name here";
  hit(Kind::kLeft);
  EXPECT_EQ(pids(), (Pids{1, 2, 3, 4, 5, 6}));
  hit(Kind::kLeft);
  EXPECT_EQ(state_.sort, ColumnId::kTrend) << "around";
  const std::size_t columns = list_columns().size();
  for (std::size_t step = 0; step < columns; ++step) {
    EXPECT_EQ(pids().size(), 6u);
    type(">");
  }
  EXPECT_EQ(state_.sort, ColumnId::kTrend);
}

TEST_F(Keys, TreeKeepsTheOrderAmongSiblings) {
  type("t");
  EXPECT_EQ(pids(), (Pids{3, 4, 2, 6, 1, 5}));
}

TEST_F(Keys, FilterByNameOrPidWhileTyping) {
  type("/APP");
  EXPECT_EQ(pids(), (Pids{6, 1}));
  EXPECT_TRUE(state_.typing);
  type("q");
  EXPECT_FALSE(state_.leave) << "a letter of the filter";
  EXPECT_EQ(pids(), Pids{});
  hit(Kind::kBackspace);
  hit(Kind::kEnter);
  EXPECT_FALSE(state_.typing);
  EXPECT_EQ(pids(), (Pids{6, 1}));
  EXPECT_EQ(state_.showing, Showing::kList) << "the Enter was the filter's";
  hit(Kind::kEscape);
  EXPECT_EQ(pids().size(), 6u);
  type("/3");
  EXPECT_EQ(pids(), (Pids{3}));
}

TEST_F(Keys, TypedAheadActOnWhatTheyWouldShow) {
  for (const char32_t letter : U"/cherry") {
    if (letter != 0) press(state_, {Kind::kLetter, letter}, board_, 4);
  }
  press(state_, {Kind::kEnter}, board_, 4);
  press(state_, {Kind::kEnter}, board_, 4);
  EXPECT_EQ(state_.opened, board_.rows[2].key());
}

TEST_F(Keys, SelectionStaysOnItsProcessAndInView) {
  settle(state_, list(), 4);
  EXPECT_EQ(selected(), 2);
  type("jj");
  EXPECT_EQ(selected(), 3);
  type("r");
  EXPECT_EQ(selected(), 3);
  hit(Kind::kEnd);
  EXPECT_EQ(selected(), 5);
  EXPECT_EQ(state_.top, 2);
  hit(Kind::kHome);
  EXPECT_EQ(selected(), 1);
  EXPECT_EQ(state_.top, 0);
  hit(Kind::kPageDown);
  EXPECT_EQ(selected(), 6);
}

// So that the largest are in view, whatever the order.
TEST_F(Keys, SelectionIsTheFirstRowUntilItIsMoved) {
  settle(state_, list(), 4);
  EXPECT_EQ(selected(), 2);
  type("r");
  EXPECT_EQ(selected(), 1);
  EXPECT_EQ(state_.top, 0);
  hit(Kind::kEnd);
  type("r");
  EXPECT_EQ(selected(), 5);
  hit(Kind::kHome);
  EXPECT_EQ(selected(), 2);
  type("r");
  EXPECT_EQ(selected(), 1) << "Home lets go of the process";
  hit(Kind::kEnter);
  hit(Kind::kEscape);
  type("r");
  EXPECT_EQ(selected(), 1) << "the one that was looked at";
}

TEST_F(Keys, SelectionMovesToANeighbourOfOneThatEnds) {
  settle(state_, list(), 4);
  type("j");
  std::erase_if(board_.rows, [](const Row &row) { return row.member.shown_pid() == 6; });
  settle(state_, list(), 4);
  EXPECT_NE(selected(), 0);
  board_.rows.clear();
  settle(state_, list(), 4);
  EXPECT_EQ(state_.selected, "");
  hit(Kind::kDown);
  hit(Kind::kEnter);
  EXPECT_EQ(state_.showing, Showing::kList) << "nothing to open";
}

TEST_F(Keys, OpenAndGoBack) {
  settle(state_, list(), 4);
  hit(Kind::kEnter);
  EXPECT_EQ(state_.showing, Showing::kProcess);
  EXPECT_EQ(state_.opened, state_.selected);
  type("?");
  EXPECT_EQ(state_.showing, Showing::kHelp);
  type("?");
  EXPECT_EQ(state_.showing, Showing::kProcess);
  type("w");
  EXPECT_TRUE(state_.whole);
  hit(Kind::kEscape);
  EXPECT_EQ(state_.showing, Showing::kList);
  EXPECT_EQ(state_.opened, "");
  type("h");
  hit(Kind::kEscape);
  EXPECT_EQ(state_.showing, Showing::kList);
}

TEST_F(Keys, OthersDoNotLeaveAProcess) {
  settle(state_, list(), 4);
  hit(Kind::kEnter);
  for (const Kind kind : {Kind::kLeft, Kind::kRight, Kind::kTab}) hit(kind);
  type("xyz<>");
  EXPECT_EQ(state_.showing, Showing::kProcess);
}

TEST_F(Keys, IntervalGoesThroughItsStepsAndStopsAtTheirEnds) {
  type("+");
  EXPECT_EQ(state_.interval, 2);
  type("--");
  EXPECT_EQ(state_.interval, 0.5);
  type("----------");
  EXPECT_EQ(state_.interval, 0.1);
  type("++++++++++++");
  EXPECT_EQ(state_.interval, 60);
  state_.interval = 3;
  type("-");
  EXPECT_EQ(state_.interval, 2);
}

TEST_F(Keys, PauseUnitsAndLeave) {
  type(" b");
  EXPECT_TRUE(state_.paused);
  EXPECT_TRUE(state_.exact);
  type("p");
  EXPECT_FALSE(state_.paused);
  type("q");
  EXPECT_TRUE(state_.leave);
}

}  // namespace
