// SPDX-License-Identifier: MIT
#include "top/canvas.h"

#include <algorithm>

#include "top/letters.h"

namespace heapmeter::cli::tui {

Canvas::Canvas(int width, int height)
    : width_(std::max(width, 0)),
      height_(std::max(height, 0)),
      cells_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

void Canvas::put_letter(int x, int y, char32_t letter, Style style) {
  if (x < 0 || x >= width_ || y < 0 || y >= height_) return;
  // Half of a wide letter is nothing.
  if (cell(x, y).letter == 0 && x > 0) cell(x - 1, y).letter = U' ';
  if (x + 1 < width_ && cell(x + 1, y).letter == 0) cell(x + 1, y).letter = U' ';
  cell(x, y) = {letter, style};
}

int Canvas::put(int x, int y, std::string_view text, Style style) {
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = next_letter(text, at);
    if (letter.width == 2 && x + 1 < width_ && x >= 0) {
      put_letter(x, y, letter.code, style);
      put_letter(x + 1, y, U' ', style);
      if (y >= 0 && y < height_) cell(x + 1, y).letter = 0;
    } else {
      put_letter(x, y, letter.width == 2 ? U' ' : letter.code, style);
    }
    x += letter.width;
  }
  return x;
}

int Canvas::put_right(int end, int y, std::string_view text, Style style) {
  return put(end - text_width(text), y, text, style);
}

void Canvas::fill(int x, int end, int y, Style style) {
  for (; x < end; ++x) put_letter(x, y, U' ', style);
}

void Canvas::paint(int x, int end, int y, Style style) {
  if (y < 0 || y >= height_) return;
  for (x = std::max(x, 0); x < std::min(end, width_); ++x) cell(x, y).style = style;
}

void Canvas::copy(const Canvas &other, int from, int rows, int x, int y) {
  for (int row = 0; row < rows && from + row < other.height(); ++row) {
    for (int column = 0; column < other.width(); ++column) {
      if (x + column < 0 || x + column >= width_ || y + row < 0 || y + row >= height_) continue;
      cell(x + column, y + row) = other.at(column, from + row);
    }
  }
}

std::string Canvas::text() const {
  std::string all;
  for (int y = 0; y < height_; ++y) {
    std::string line;
    for (int x = 0; x < width_; ++x) {
      if (at(x, y).letter != 0) append_utf8(line, at(x, y).letter);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

std::string Canvas::styles() const {
  std::string all;
  for (int y = 0; y < height_; ++y) {
    std::string line;
    for (int x = 0; x < width_; ++x) line += static_cast<char>(at(x, y).style);
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  }
  return all;
}

int text_width(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) width += next_letter(text, at).width;
  return width;
}

std::string shortened(std::string_view text, int columns, bool utf8_terminal) {
  if (text_width(text) <= columns) return std::string(text);
  if (columns <= 0) return "";
  std::string shorter;
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = next_letter(text, at);
    if (width + letter.width > columns - 1) break;
    width += letter.width;
    append_utf8(shorter, letter.code);
  }
  return shorter + (utf8_terminal ? "…" : "~");
}

}  // namespace heapmeter::cli::tui
