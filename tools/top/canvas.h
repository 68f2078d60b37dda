// SPDX-License-Identifier: MIT
//
// A grid of characters with a style each, which views draw on and a screen shows; pure. Drawing outside is
// cut off, never an error; control characters and letters without a width become '?'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli::tui {

// What a part of the picture means; how it looks depends on what the terminal can do.
enum class Style : char {
  kPlain = ' ',
  kTitle = 'T',     // headings
  kHeader = 'H',    // of columns, across the width
  kSelected = 'S',  // the row the keys act on
  kSorted = 's',    // the header's column by which rows are sorted
  kDim = 'd',
  kGraph = 'g',
  kAlarm = '!',
  kWarn = 'w',
  kKey = 'k',  // names of keys in the help line
};

struct Cell {
  char32_t letter = U' ';  // 0: the right half of a wide letter
  Style style = Style::kPlain;

  bool operator==(const Cell &) const = default;
};

class Canvas {
 public:
  Canvas(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  const Cell &at(int x, int y) const { return cells_[static_cast<std::size_t>(y * width_ + x)]; }

  // Both return the column after the text.
  int put(int x, int y, std::string_view utf8, Style style = Style::kPlain);
  // Its last letter is at `end - 1`; cut off on the left, where it would leave the canvas.
  int put_right(int end, int y, std::string_view utf8, Style style = Style::kPlain);
  void put_letter(int x, int y, char32_t letter, Style style);
  // Everything from x to end.
  void fill(int x, int end, int y, Style style);
  void paint(int x, int end, int y, Style style);  // keeps the letters
  // Rows [from, from + rows) of another, put at (x, y).
  void copy(const Canvas &other, int from, int rows, int x, int y);

  // Lines without trailing blanks; and their styles, a letter for each cell.
  std::string text() const;
  std::string styles() const;

 private:
  Cell &cell(int x, int y) { return cells_[static_cast<std::size_t>(y * width_ + x)]; }

  int width_, height_;
  std::vector<Cell> cells_;
};

// Columns it takes on a terminal.
int text_width(std::string_view utf8);
// At most so many columns, with "…" (or "~") at the end when it is longer.
std::string shortened(std::string_view utf8, int columns, bool utf8_terminal);

}  // namespace heapmeter::cli::tui
