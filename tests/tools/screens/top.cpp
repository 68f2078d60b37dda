// SPDX-License-Identifier: MIT
//
// The full-screen pictures, of a terminal of so many lines; and what is printed of them once.
#include "tools/screens/screen.h"
#include "tools/top/boards.h"
#include "top/help_view.h"
#include "top/list_view.h"
#include "top/process_view.h"

namespace heapmeter::testing {
namespace {

using cli::Look;
namespace tui = cli::tui;

constexpr int kLines = 24, kManyLines = 50;

tui::Board board() { return usual_board(); }

const tui::Row &opened(const tui::Board &board) {
  for (const tui::Row &row : board.rows) {
    if (row.member.shown_pid() == 4713) return row;
  }
  throw std::runtime_error("nobody is 4713");
}

std::string list(const Look &look, tui::State state) {
  const tui::Board shown = board();
  const auto rows = tui::listed(shown, state, {look.utf8});
  tui::settle(state, rows, tui::list_rows(kLines));
  return tui::draw_list(look.width, kLines, shown, state, rows, {look.utf8}).text();
}

std::string process(const Look &look, int lines) {
  const tui::Board shown = board();
  const tui::Row &row = opened(shown);
  tui::State state;
  return tui::draw_process(look.width, lines, shown, &row, usual_inspection(row.key()), state, {look.utf8})
      .text();
}

std::string once(const Look &look) {
  return tui::draw_whole_list(look.width, board(), {}, {look.utf8}).text();
}

std::string once_process(const Look &look) {
  const tui::Board shown = board();
  const tui::Row &row = opened(shown);
  return tui::draw_whole_process(look.width, shown, row, usual_inspection(row.key()), {}, {look.utf8}).text();
}

std::string help(const Look &look) {
  tui::State state;
  return tui::draw_help(look.width, kManyLines, state).text();
}

}  // namespace

std::vector<Screen> screens_of_top() {
  return {
      {"top", [](const Look &look) { return list(look, {}); }},
      {"top_tree", [](const Look &look) { return list(look, {.sort = tui::ColumnId::kName, .tree = true}); }},
      {"top_process", [](const Look &look) { return process(look, kLines); }},
      {"top_process_high", [](const Look &look) { return process(look, kManyLines); }},
      {"top_once", once},
      {"top_once_process", once_process},
      {"top_help", help}};
}

}  // namespace heapmeter::testing
