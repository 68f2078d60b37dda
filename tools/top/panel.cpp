// SPDX-License-Identifier: MIT
#include "top/panel.h"

#include <algorithm>
#include <numeric>

#include "text/table.h"
#include "top/graphs.h"

namespace heapmeter::cli::tui {
namespace {

constexpr int kLeastLabel = 8, kLeastBar = 4, kBetween = 2;

std::vector<int> figure_widths(const std::vector<std::string> &headings, const std::vector<BarRow> &rows) {
  std::vector<int> widths;
  for (std::size_t at = 0; at < headings.size(); ++at) {
    int width = text_width(headings[at]);
    for (const BarRow &row : rows) {
      if (at < row.figures.size()) width = std::max(width, text_width(row.figures[at]));
    }
    widths.push_back(width);
  }
  return widths;
}

}  // namespace

Canvas bar_panel(int width, const std::string &title, std::vector<std::string> headings,
                 const std::vector<BarRow> &rows, bool utf8) {
  std::vector<int> widths = figure_widths(headings, rows);
  const auto taken = [&] {
    return std::accumulate(widths.begin(), widths.end(), 0) + static_cast<int>(widths.size());
  };
  int label = text_width(title);
  for (const BarRow &row : rows) label = std::max(label, text_width(row.label));
  while (!widths.empty() && width - taken() < std::min(label, kLeastLabel)) widths.pop_back();
  label = std::min(label, width - taken());
  const int bar = width - taken() - label - 1;

  Canvas canvas(width, 1 + static_cast<int>(rows.size()));
  canvas.put(0, 0, title, Style::kTitle);
  int x = label;
  for (std::size_t at = 0; at < widths.size(); ++at) {
    x += 1 + widths[at];
    canvas.put_right(x, 0, headings[at], Style::kDim);
  }
  for (std::size_t each = 0; each < rows.size(); ++each) {
    const BarRow &row = rows[each];
    const int y = 1 + static_cast<int>(each);
    canvas.put(0, y, shortened(row.label, label, utf8), row.style);
    x = label;
    for (std::size_t at = 0; at < widths.size() && at < row.figures.size(); ++at) {
      x += 1 + widths[at];
      canvas.put_right(x, y, row.figures[at], row.style);
    }
    if (bar >= kLeastBar) {
      const int skipped = std::min(static_cast<int>(row.from * bar), bar - 1);
      draw_bar(canvas, label + taken() + 1 + skipped, y, bar, row.part, utf8, Style::kGraph);
    }
  }
  return canvas;
}

Canvas text_panel(int width, const std::string &title, const std::vector<TextLine> &lines) {
  std::vector<TextLine> all{{title, Style::kTitle}};
  for (const TextLine &line : lines) {
    for (std::string &piece : wrapped(line.text, width, "  ")) all.push_back({std::move(piece), line.style});
  }
  Canvas canvas(width, static_cast<int>(all.size()));
  for (std::size_t y = 0; y < all.size(); ++y) canvas.put(0, static_cast<int>(y), all[y].text, all[y].style);
  return canvas;
}

Canvas side_by_side(int width, int columns, const std::vector<Canvas> &panels) {
  std::vector<int> heights(static_cast<std::size_t>(columns), 0);
  struct Place {
    int x, y;
  };
  std::vector<Place> places;
  const int column_width = (width + kBetween) / columns;
  for (const Canvas &panel : panels) {
    const auto least = std::min_element(heights.begin(), heights.end());
    const int column = static_cast<int>(least - heights.begin());
    places.push_back({column * column_width, *least});
    *least += panel.height() + 1;
  }
  const int height = *std::max_element(heights.begin(), heights.end());
  Canvas canvas(width, std::max(0, height - 1));
  for (std::size_t at = 0; at < panels.size(); ++at)
    canvas.copy(panels[at], 0, panels[at].height(), places[at].x, places[at].y);
  return canvas;
}

}  // namespace heapmeter::cli::tui
