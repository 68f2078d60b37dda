// SPDX-License-Identifier: MIT
//
// The list of processes as a picture: totals, columns, rows, keys; pure.
#pragma once

#include "top/state.h"

namespace heapmeter::cli::tui {

// What is smaller than this shows nothing but that it is too small.
inline constexpr int kLeastWidth = 24, kLeastHeight = 5;

inline constexpr int kListAbove = 2;  // lines: totals, and headings

// How many processes a screen of this height has room for.
int list_rows(int height);

// Settle the state before: the selected row is in `list` and in view.
Canvas draw_list(int width, int height, const Board &board, const State &state,
                 const std::vector<Listed> &list, const Look &look);

// Where the columns stand when these rows are visible.
ListLayout visible_layout(int width, const State &state, const std::vector<Listed> &list, int first,
                          int rows);

// Totals and headings, and every row, for `top --once`: as high as it needs.
Canvas draw_whole_list(int width, const Board &board, const State &state, const Look &look);

// The bottom line: what the keys do, as far as there is room.
struct KeyHelp {
  std::string key, meaning;
};
void draw_keys(Canvas &canvas, const std::vector<KeyHelp> &keys);
// "every 1 s", and so on, at the right end of the top line; returns where it begins.
int draw_state(Canvas &canvas, const State &state);

}  // namespace heapmeter::cli::tui
