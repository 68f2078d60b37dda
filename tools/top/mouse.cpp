// SPDX-License-Identifier: MIT
#include "top/mouse.h"

#include "top/list_view.h"

namespace heapmeter::cli::tui {
namespace {

void sort_by(State &state, const ListColumn &column) {
  state.reverse = column.id == state.sort && !state.reverse;
  state.sort = column.id;
}

}  // namespace

void click(State &state, int x, int y, const Board &board, int width, int height) {
  if (state.showing != Showing::kList) return;
  state.typing = false;
  const int rows = list_rows(height);
  const auto list = listed(board, state, {});
  settle(state, list, rows);
  if (y == kListAbove - 1) {
    for (const PlacedColumn &placed : visible_layout(width, state, list, state.top, rows).columns) {
      // With the blank before it, which has the arrow.
      if (x >= placed.x - 1 && x < placed.x + placed.width) return sort_by(state, *placed.column);
    }
  }
  const int row = y - kListAbove, at = state.top + row;
  if (row < 0 || row >= rows || at >= static_cast<int>(list.size())) return;
  state.selected = list[static_cast<std::size_t>(at)].row->key();
  state.chosen = true;
  press(state, {Key::Kind::kEnter}, board, rows);
}

}  // namespace heapmeter::cli::tui
