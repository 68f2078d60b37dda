// SPDX-License-Identifier: MIT
#include "text/table.h"

#include <algorithm>
#include <sstream>

#include "text/fit.h"
#include "text/letter_columns.h"
#include "text/utf8.h"

namespace heapmeter::cli {
namespace {

constexpr std::string_view kGap = "  ";

std::string line_of(const std::vector<Column> &columns, const std::vector<std::size_t> &widths,
                    const std::vector<std::string> &cells) {
  std::string text;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    if (column > 0) text += kGap;
    const std::string blanks(widths[column] - display_width(cells[column]), ' ');
    text += columns[column].align == Align::kRight ? blanks + cells[column] : cells[column] + blanks;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Utf8Letter letter = first_letter(text);
    columns += letter.bytes == 0 ? 1 : letter_columns(letter.code);
    text.remove_prefix(letter.bytes == 0 ? 1 : letter.bytes);
  }
  return columns;
}

std::vector<std::string> wrapped(const std::string &text, int width, const std::string &indent) {
  std::vector<std::string> lines;
  std::istringstream words(text);
  std::string next;
  words >> next;
  while (!next.empty()) {
    std::string word = std::move(next);
    // With its unit.
    for (next.clear(); words >> next && is_within_figure(word + " " + next, word.size()); next.clear())
      word += " " + next;
    const auto longer = lines.empty() ? 0 : display_width(lines.back()) + 1 + display_width(word);
    if (lines.empty()) {
      lines.push_back(word);
    } else if (longer <= static_cast<std::size_t>(width)) {
      lines.back() += " " + word;
    } else {
      lines.push_back(indent + word);
    }
  }
  return lines;
}

void Table::add(std::vector<std::string> cells) {
  for (std::string &cell : cells) std::replace(cell.begin(), cell.end(), '\n', '?');
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::size_t width = std::max(columns_[column].width, display_width(columns_[column].title));
    for (const auto &row : rows_) width = std::max(width, display_width(row[column]));
    widths.push_back(width);
  }
  return widths;
}

std::string Table::line(const std::vector<std::string> &cells) const {
  return line_of(columns_, widths(), cells);
}

std::string Table::header() const {
  std::vector<std::string> titles;
  for (const Column &column : columns_) titles.push_back(column.title);
  return line(titles);
}

std::string Table::rows() const {
  std::string text;
  const auto wide = widths();
  for (const auto &row : rows_) text += line_of(columns_, wide, row);
  return text;
}

}  // namespace heapmeter::cli
