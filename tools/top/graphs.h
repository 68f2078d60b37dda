// SPDX-License-Identifier: MIT
//
// Sparklines, bars and charts on a canvas; pure. In UTF-8 an eighth of a character fine, in ASCII rougher.
#pragma once

#include <optional>
#include <vector>

#include "top/canvas.h"

namespace heapmeter::cli::tui {

// A value for each column, none where nothing was known.
using Graph = std::vector<std::optional<double>>;

struct Range {
  double low = 0, high = 1;
};

// From the smallest to the largest, and at least a fiftieth more: noise is to look flat.
Range range_of(const Graph &graph);

// One row high, a column for each value.
void draw_sparkline(Canvas &canvas, int x, int y, const Graph &graph, bool utf8, Style style);

// A part (0 to 1) of `width`; anything above 0 shows.
void draw_bar(Canvas &canvas, int x, int y, int width, double part, bool utf8, Style style);

// Filled columns from `low` at the bottom row, y + height - 1, to `high` at the top.
void draw_chart(Canvas &canvas, int x, int y, int height, const Graph &graph, Range range, bool utf8,
                Style style);

}  // namespace heapmeter::cli::tui
