// SPDX-License-Identifier: MIT
//
// Rows under a header, columns as wide as their widest cell (or wider, when the rows come one by one and the
// width must be settled before); pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kRight;
  std::size_t width = 0;  // at least
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns.
  // A cell has one line, whatever the names in it: an end of line in one would begin a row of its own.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  std::string header() const;
  std::string rows() const;

 private:
  std::vector<std::size_t> widths() const;
  std::string line(const std::vector<std::string> &cells) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns of a terminal, not bytes, that a UTF-8 text takes.
std::size_t display_width(std::string_view text);
// Words into lines of at most `width`, a word longer than that into one of its own; all but the first begin
// with the indent.
std::vector<std::string> wrapped(const std::string &text, int width, const std::string &indent = "");

}  // namespace heapmeter::cli
