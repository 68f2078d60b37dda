// SPDX-License-Identifier: MIT
//
// A titled piece of a page, as wide as it is told and as high as it needs; and several of them side by side;
// pure.
#pragma once

#include <string>
#include <vector>

#include "top/canvas.h"
#include "top/columns.h"

namespace heapmeter::cli::tui {

struct PanelLook {
  int width;
  Figures figures;
  bool utf8;
  // Rows of their own; the others are summed up in one.
  std::size_t most_classes = 10, most_threads = 8, most_code = 10;
};
// Of a bar.
inline double part_of(double amount, double whole) { return whole > 0 ? amount / whole : 0; }

struct BarRow {
  std::string label;
  std::vector<std::string> figures = {};  // as many as headings
  double part = 0;                        // of the bar, 0 to 1
  Style style = Style::kPlain;
  double from = 0;  // where on the bar it begins, 0 to 1
};

// The title over the labels, a heading over each figure, and bars where there is room for them. Figures that
// have none are left out, from the right.
Canvas bar_panel(int width, const std::string &title, std::vector<std::string> headings,
                 const std::vector<BarRow> &rows, bool utf8);

struct TextLine {
  std::string text;
  Style style = Style::kPlain;
};
// Lines that are too long go on below.
Canvas text_panel(int width, const std::string &title, const std::vector<TextLine> &lines);

// Each into the column that is least full, two blanks between columns, an empty line between panels.
Canvas side_by_side(int width, int columns, const std::vector<Canvas> &panels);

}  // namespace heapmeter::cli::tui
