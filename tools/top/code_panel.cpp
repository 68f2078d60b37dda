// SPDX-License-Identifier: MIT
#include "top/code_panel.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "text/terminal.h"

namespace heapmeter::cli::tui {
namespace {

constexpr const char *kTitle = "CODE";
constexpr int kRoomForAll = 44, kRoomForCaller = 60;

// The largest, and then those that grew most, by size.
std::vector<const CodeRow *> worth_showing(const std::vector<CodeRow> &rows, std::size_t most) {
  std::vector<const CodeRow *> shown;
  for (const CodeRow &row : rows) shown.push_back(&row);
  if (rows.size() <= most) return shown;
  const auto at = [&](std::size_t row) { return shown.begin() + static_cast<std::ptrdiff_t>(row); };
  std::partial_sort(at(most / 2), at(most - 1), shown.end(), [](const CodeRow *a, const CodeRow *b) {
    return a->change != b->change ? a->change > b->change : a < b;
  });
  shown.resize(most - 1);
  std::stable_sort(shown.begin(), shown.end(),
                   [](const CodeRow *a, const CodeRow *b) { return a->live_bytes > b->live_bytes; });
  return shown;
}

// Where the locale has no ellipsis, two dots.
std::string in_letters(std::string text, bool utf8) {
  constexpr std::string_view kEllipsis = "…";
  for (std::size_t at = 0; !utf8 && (at = text.find(kEllipsis, at)) != text.npos;)
    text.replace(at, kEllipsis.size(), "..");
  return text;
}

std::string label_of(const CodeRow &row, const PanelLook &look) {
  const bool alone = row.caller.empty() || look.width < kRoomForCaller;
  const std::string from = alone ? "" : (look.utf8 ? " ← " : " <- ") + row.caller;
  return in_letters(printable(row.function + from), look.utf8);
}

std::vector<BarRow> bars(const Code &code, const PanelLook &look) {
  const std::vector<const CodeRow *> shown = worth_showing(code.rows, look.most_code);
  std::uint64_t most = code.before_bytes;
  for (const CodeRow *row : shown) most = std::max(most, row->live_bytes);
  std::vector<BarRow> rows;
  const std::string sign = code.estimated ? "~" : "";
  const auto add = [&](const std::string &label, const CodeRow &row, Style style) {
    rows.push_back({label,
                    {sign + bytes_text(static_cast<double>(row.live_bytes), look.figures),
                     signed_bytes(static_cast<double>(row.change), look.figures),
                     count_text(static_cast<double>(row.live_blocks), look.figures)},
                    part_of(static_cast<double>(row.live_bytes), static_cast<double>(most)),
                    style});
  };
  const auto fastest = std::max_element(
      shown.begin(), shown.end(), [](const CodeRow *a, const CodeRow *b) { return a->change < b->change; });
  for (auto row = shown.begin(); row != shown.end(); ++row)
    add(label_of(**row, look), **row, row == fastest && (*row)->change > 0 ? Style::kTitle : Style::kPlain);
  if (code.rows.size() > shown.size()) {
    CodeRow others;
    for (const CodeRow &row : code.rows) {
      others.live_bytes += row.live_bytes;
      others.live_blocks += row.live_blocks;
      others.change += row.change;
    }
    for (const CodeRow *row : shown) {
      others.live_bytes -= row->live_bytes;
      others.live_blocks -= row->live_blocks;
      others.change -= row->change;
    }
    add(fmt::format("{} others", code.rows.size() - shown.size()), others, Style::kDim);
  }
  if (code.before_bytes > 0)
    rows.push_back({"older",
                    {bytes_text(static_cast<double>(code.before_bytes), look.figures), "", ""},
                    part_of(static_cast<double>(code.before_bytes), static_cast<double>(most)),
                    Style::kDim});
  return rows;
}

}  // namespace

Canvas code_panel(const Code &code, PanelLook look) {
  if (!code.complaint.empty())
    return text_panel(look.width, kTitle, {{printable(code.complaint), Style::kWarn}});
  if (code.state == Code::State::kNaming)
    return text_panel(look.width, kTitle, {{"being named", Style::kDim}});
  if (look.width < kRoomForAll && look.figures == Figures::kUnits) look.figures = Figures::kShort;
  const std::vector<BarRow> rows = bars(code, look);
  if (rows.empty()) return text_panel(look.width, kTitle, {{"nothing is held that came since", Style::kDim}});
  std::vector<std::string> headings{"LIVE", "CHANGE"};
  if (look.width >= kRoomForAll) headings.push_back("BLOCKS");
  return bar_panel(look.width, kTitle, headings, rows, look.utf8);
}

}  // namespace heapmeter::cli::tui
