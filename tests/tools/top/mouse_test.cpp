// SPDX-License-Identifier: MIT
//
// What a click does to the state, where the picture has a column or a row.
#include <gtest/gtest.h>

#include <clocale>
#include <sstream>

#include "tools/top/boards.h"
#include "top/list_view.h"
#include "top/mouse.h"

using namespace heapmeter::testing;
using namespace heapmeter::cli::tui;

namespace {

constexpr int kWidth = 80, kHeight = 24;

class Mouse : public ::testing::Test {
 protected:
  Mouse() { setlocale(LC_CTYPE, "C.UTF-8"); }

  std::string line(int y) {
    const auto rows = listed(board_, state_, {});
    settle(state_, rows, list_rows(kHeight));
    std::istringstream lines(draw_list(kWidth, kHeight, board_, state_, rows, {false}).text());
    std::string line;
    for (int at = 0; at <= y; ++at) std::getline(lines, line);
    return line;
  }
  // On these letters of the picture's line.
  void click_on(int y, const std::string &letters) {
    const std::size_t at = line(y).find(letters);
    ASSERT_NE(at, std::string::npos) << line(y);
    click(state_, static_cast<int>(at), y, board_, kWidth, kHeight);
  }

  Board board_ = usual_board();
  State state_;
};

TEST_F(Mouse, OnAColumnSortsByItAndAgainTheOtherWayRound) {
  click_on(1, "RSS");
  EXPECT_EQ(state_.sort, ColumnId::kResident);
  EXPECT_FALSE(state_.reverse);
  click_on(1, "vRSS");
  EXPECT_EQ(state_.sort, ColumnId::kResident);
  EXPECT_TRUE(state_.reverse) << "the arrow is of its column";
  click_on(1, "NAME");
  EXPECT_EQ(state_.sort, ColumnId::kName);
  EXPECT_FALSE(state_.reverse);
  EXPECT_EQ(state_.showing, Showing::kList);
}

TEST_F(Mouse, OnARowOpensIt) {
  click_on(4, "worker");
  EXPECT_EQ(state_.showing, Showing::kProcess);
  EXPECT_EQ(board_.find(state_.opened)->member.shown_pid(), 4712);
  click(state_, 3, 3, board_, kWidth, kHeight);
  EXPECT_EQ(board_.find(state_.opened)->member.shown_pid(), 4712) << "of an opened one nothing is clicked";
}

TEST_F(Mouse, OnARowBelowTheFirstsOpensThatWhichIsThere) {
  press(state_, {Key::Kind::kEnd}, board_, 3);
  click(state_, 3, 2, board_, kWidth, 6);
  const auto all = listed(board_, {}, {});
  EXPECT_EQ(state_.opened, all[all.size() - 3].row->key());
}

TEST_F(Mouse, OnNothingDoesNothing) {
  for (const int y : {0, 15, kHeight - 1}) click(state_, 3, y, board_, kWidth, kHeight);
  EXPECT_EQ(state_.showing, Showing::kList);
  EXPECT_EQ(state_.sort, ColumnId::kLive);
  board_ = {};
  click(state_, 3, 3, board_, kWidth, kHeight);
  EXPECT_EQ(state_.showing, Showing::kList);
}

TEST_F(Mouse, WheelMovesAndScrolls) {
  press(state_, {Key::Kind::kWheelDown}, board_, 20);
  EXPECT_EQ(state_.selected, listed(board_, state_, {})[3].row->key());
  press(state_, {Key::Kind::kWheelUp}, board_, 20);
  EXPECT_EQ(state_.selected, listed(board_, state_, {})[0].row->key());
  state_.showing = Showing::kProcess;
  press(state_, {Key::Kind::kWheelDown}, board_, 20);
  EXPECT_EQ(state_.scroll, 3);
}

}  // namespace
