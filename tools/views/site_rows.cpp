// SPDX-License-Identifier: MIT
#include "views/site_rows.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "text/table.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

using sites::Stacks;

constexpr int kLeastCode = 24;
constexpr int kRoomForNames = 100;
constexpr std::size_t kShownName = 8;
constexpr const char *kEllipsis[] = {"...", "…"};
// So many in a row say no more than the first.
constexpr std::size_t kManyWithoutName = 3;

bool is_without_name(const symbols::Frame &frame) { return frame.function.empty() && !frame.module.empty(); }

}  // namespace

SiteRows::SiteRows(const Stacks &stacks, std::vector<std::string> titles, std::int64_t depth,
                   const Look &look)
    : stacks_(stacks), titles_(std::move(titles)), depth_(depth), look_(look) {}

void SiteRows::add(std::vector<std::string> figures, const Stacks::Stack &stack) {
  rows_.push_back({std::move(figures), &stack, ""});
}

void SiteRows::add(std::vector<std::string> figures, const std::string &words) {
  rows_.push_back({std::move(figures), nullptr, words});
}

// Of the innermost frame, the nearest first, in lines of so many letters.
std::vector<std::string> SiteRows::callers(const Stacks::Stack &stack, int width) const {
  std::vector<std::string> lines;
  const std::string arrow = look_.utf8 ? " ← " : " <- ";
  const std::size_t all = stack.frames.size() - 1;
  const auto caller_at = [&](std::size_t caller) -> const symbols::Frame & {
    return stacks_.frames[stack.frames[all - 1 - caller]];
  };
  std::string line = "from ";
  bool anything = false;
  const auto add = [&](const std::string &piece) {
    const std::string with_arrow = anything ? arrow + piece : piece;
    if (width > 0 && anything && display_width(line + with_arrow) > static_cast<std::size_t>(width)) {
      lines.push_back(line);
      line = "  " + arrow.substr(1) + piece;
    } else {
      line += with_arrow;
    }
    anything = true;
  };
  std::size_t next = 0;
  for (std::int64_t shown = 0; shown < depth_ && next < all; ++shown) {
    const symbols::Frame &frame = caller_at(next);
    std::size_t end = next + 1;
    while (is_without_name(frame) && end < all && is_without_name(caller_at(end)) &&
           caller_at(end).module == frame.module)
      ++end;
    if (end - next < kManyWithoutName) end = next + 1;
    const std::string more = end - next > 1 ? fmt::format(" (and {} more)", end - next - 1) : "";
    const int room = width == 0 ? 0 : std::max(width - 5 - static_cast<int>(more.size()), kLeastCode);
    add(code_text(frame, room, look_.utf8) + more);
    next = end;
  }
  if (next < all) add(kEllipsis[look_.utf8]);
  if (anything) lines.push_back(line);
  return lines;
}

std::string SiteRows::drawn() const {
  std::vector<Column> columns;
  int used = 0;
  for (std::size_t column = 0; column < titles_.size(); ++column) {
    std::size_t width = display_width(titles_[column]);
    for (const Row &row : rows_) width = std::max(width, display_width(row.figures[column]));
    used += static_cast<int>(width) + 2;
    columns.push_back({titles_[column]});
  }
  const bool with_names = look_.width == 0 || look_.width >= kRoomForNames;
  if (with_names) {
    columns.push_back({"SITE", Align::kLeft});
    used += static_cast<int>(kShownName) + 2;
  }
  columns.push_back({"CODE", Align::kLeft});
  const int room = look_.width == 0 ? 0 : std::max(look_.width - used, kLeastCode);
  Table table(std::move(columns));
  for (const Row &row : rows_) {
    std::vector<std::string> cells = row.figures;
    if (with_names) cells.push_back(row.stack != nullptr ? row.stack->name.substr(0, kShownName) : "");
    const std::vector<std::string> blank(cells.size(), "");
    cells.push_back(row.stack == nullptr
                        ? row.words
                        : code_text(stacks_.frames[row.stack->frames.back()], room, look_.utf8));
    table.add(std::move(cells));
    if (row.stack == nullptr) continue;
    for (const std::string &line : callers(*row.stack, room)) {
      std::vector<std::string> below = blank;
      below.push_back(look_.paint.dim(line));
      table.add(std::move(below));
    }
  }
  return look_.paint.title(table.header()) + table.rows();
}

}  // namespace heapmeter::cli
