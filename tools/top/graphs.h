// SPDX-License-Identifier: MIT
//
// Sparklines, bars and charts on a canvas; pure. In UTF-8 an eighth of a character fine, in ASCII rougher.
#pragma once

#include "text/sparkline.h"
#include "top/canvas.h"

namespace heapmeter::cli::tui {

using cli::Graph;
using Range = GraphRange;

// One row high, a column for each value.
void draw_sparkline(Canvas &canvas, int x, int y, const Graph &graph, bool utf8, Style style);

// A part (0 to 1) of `width`; anything above 0 shows.
void draw_bar(Canvas &canvas, int x, int y, int width, double part, bool utf8, Style style);

// Filled columns from `low` at the bottom row, y + height - 1, to `high` at the top.
void draw_chart(Canvas &canvas, int x, int y, int height, const Graph &graph, Range range, bool utf8,
                Style style);

}  // namespace heapmeter::cli::tui
