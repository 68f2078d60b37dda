// SPDX-License-Identifier: MIT
#include <algorithm>

#include <fmt/format.h>

#include "text/format.h"
#include "text/table.h"
#include "views/site_line.h"
#include "views/site_table.h"

namespace heapmeter::cli {
namespace {

constexpr double kLeastShare = 0.01;  // of what is shown
constexpr int kLeastCode = 24;

struct Line {
  std::vector<std::string> cells;
  std::string indent;
  const symbols::Frame *frame;
};

struct Step {
  std::uint32_t branch;
  std::int64_t depth;
  std::string indent;  // of this line
  std::string indent_below;
};

}  // namespace

// Where a branch, but for the first, has only one below it, that stands in the same column: most of a stack
// is no staircase then.
std::string site_tree(const SiteView &view, sites::Direction direction, const Look &look) {
  const sites::Tree tree = sites::tree_of(view.chosen, direction, view.by);
  const SiteColumns columns = site_columns(view, look);
  const double least = kLeastShare * sites::amount(tree.all[0].values, view.by);
  std::vector<Line> lines;
  std::vector<Step> ahead;
  std::size_t left_out = 0;
  const auto branch_out = [&](const sites::Branch &from, std::int64_t depth, const std::string &indent) {
    std::vector<std::uint32_t> large;
    for (const std::uint32_t each : from.branches) {
      const bool shown = sites::amount(tree.all[each].values, view.by) >= least && depth < view.depth;
      shown ? large.push_back(each) : static_cast<void>(++left_out);
    }
    const bool alone = large.size() == 1;
    for (std::size_t at = large.size(); at-- > 0;) {
      const bool last = at + 1 == large.size();
      const std::string mark = alone || depth == 0 ? ""
                               : look.utf8         ? (last ? "└ " : "├ ")
                                                   : (last ? "`-" : "|-");
      const std::string below = depth == 0 ? "  " : alone ? "" : last ? "  " : look.utf8 ? "│ " : "| ";
      ahead.push_back({large[at], depth, indent + mark, indent + below});
    }
  };
  branch_out(tree.all[0], 0, "");
  while (!ahead.empty() && lines.size() < static_cast<std::size_t>(view.rows)) {
    const Step step = std::move(ahead.back());
    ahead.pop_back();
    const sites::Branch &branch = tree.all[step.branch];
    lines.push_back({columns.cells(branch.values), step.indent, &view.stacks.frames[branch.frame]});
    branch_out(branch, step.depth + 1, step.indent_below);
  }
  left_out += ahead.size();

  std::vector<Column> titles;
  int used = 0;
  for (std::size_t column = 0; column < columns.titles.size(); ++column) {
    std::size_t width = display_width(columns.titles[column]);
    for (const Line &line : lines) width = std::max(width, display_width(line.cells[column]));
    used += static_cast<int>(width) + 2;
    titles.push_back({columns.titles[column]});
  }
  titles.push_back({direction == sites::Direction::kCallers ? "CODE, below it who called it"
                                                            : "CODE, below it what it called",
                    Align::kLeft});
  Table table(std::move(titles));
  for (Line &line : lines) {
    const int room = look.width - used - static_cast<int>(display_width(line.indent));
    line.cells.push_back(line.indent +
                         code_text(*line.frame, look.width == 0 ? 0 : std::max(room, kLeastCode), look.utf8));
    table.add(std::move(line.cells));
  }
  const std::string more =
      left_out == 0 ? ""
                    : look.paint.dim(fmt::format("{} {} below 1 %, or beyond -n and --depth, left out.",
                                                 left_out, left_out == 1 ? "branch" : "branches")) +
                          "\n";
  const std::string notes = site_notes(view, look);
  if (lines.empty()) return site_head(view, look) + notes;
  return fmt::format("{}: {}\n\n{}{}", printable(view.label), mode_text(view.profile),
                     look.paint.title(table.header()), table.rows()) +
         (more.empty() && notes.empty() ? "" : "\n") + more + notes;
}

}  // namespace heapmeter::cli
