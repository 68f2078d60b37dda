// SPDX-License-Identifier: MIT
#include "top/list_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "readings/sampling.h"
#include "text/format.h"
#include "text/terminal.h"
#include "verdicts/trend.h"

namespace heapmeter::cli::tui {
namespace {

constexpr int kBelow = 1;          // keys
constexpr int kWidestWord = 15;    // as much as a name can have
constexpr int kRoomForName = 100;  // ours; where it is narrower, there are better things to say

std::string counted_processes(std::size_t number) {
  return number == 1 ? "1 process" : format::grouped(number) + " processes";
}

// How fast it has grown for a while, in bytes a second, and still does. A single round would say too little:
// one that goes up and down would take turns with the one that leaks.
double steady_growth(const Row &row) {
  return row.answering() ? std::min(row.history.growth(60), row.history.growth(10)) : 0;
}

// So that the verdict would say it.
bool grows(const Row &row) {
  return row.answering() && verdicts::trend_of(row.watched.series()).course == verdicts::Course::kGrows;
}

// Null when none grows.
const Row *fastest_growing(const std::vector<Listed> &list) {
  const Row *fastest = nullptr;
  double most = 1;  // a byte a second
  for (const Listed &each : list) {
    const double growth = steady_growth(*each.row);
    if (growth < most) continue;
    most = growth;
    fastest = each.row;
  }
  return fastest;
}

// With the pid where somebody else has the same name.
std::string label_among(const std::vector<Listed> &list, const Row &row) {
  const std::string name = row.member.name();
  const auto same = std::count_if(list.begin(), list.end(),
                                  [&](const Listed &each) { return each.row->member.name() == name; });
  return same > 1 ? fmt::format("{} ({})", name, row.member.shown_pid()) : name;
}

struct Totals {
  double live = 0, allocations = 0, bytes = 0;
  std::uint64_t wrong = 0;
  std::size_t silent = 0;
};

Totals totals_of(const std::vector<Listed> &list) {
  Totals sum;
  for (const Listed &each : list) {
    const Row &row = *each.row;
    sum.live += row.live();
    if (row.member.reading) add_up(sum.wrong, row.member.reading->wrong_calls());
    if (row.rates) {
      sum.allocations += row.rates->allocations;
      sum.bytes += row.rates->allocated_bytes;
    }
    if (!row.answering()) ++sum.silent;
  }
  return sum;
}

void draw_totals(Canvas &canvas, const Board &board, const State &state, const std::vector<Listed> &list,
                 const Look &look, int end) {
  const Totals sum = totals_of(list);
  const Figures figures = state.exact ? Figures::kExact : Figures::kUnits;
  int x = 0;
  // The most important first: of what has no room, nothing that is less so takes the place.
  bool full = false;
  const auto add = [&](const std::string &text, Style style) {
    full = full || x + text_width(text) > end;
    if (!full) x = canvas.put(x, 0, text, style) + 2;
  };
  if (canvas.width() >= kRoomForName) add("heapmeter", Style::kTitle);
  std::string count = counted_processes(list.size());
  if (!state.group.empty()) count = shortened(printable(state.group), kWidestWord, look.utf8) + ": " + count;
  if (!state.filter.empty() || state.typing)
    count += fmt::format(" like \"{}\"", shortened(state.filter, kWidestWord, look.utf8));
  add(count, Style::kPlain);
  if (sum.silent > 0) add(fmt::format("{} silent", sum.silent), Style::kWarn);
  if (sum.wrong > 0) add(format::counted(sum.wrong, "wrong call"), Style::kAlarm);
  if (!board.refused.empty()) {
    add(format::counted(board.refused.size(), "refused place"), Style::kWarn);
  }
  if (const Row *row = fastest_growing(list)) {
    add(fmt::format("{} grows {}/s", label_among(list, *row), bytes_text(steady_growth(*row), figures)),
        Style::kTitle);
  }
  add("live " + bytes_text(sum.live, figures), Style::kPlain);
  add(count_text(sum.allocations, figures) + " allocs/s", Style::kPlain);
  add("in " + bytes_text(sum.bytes, figures) + "/s", Style::kPlain);
}

// An arrow in the blank before the title: down when the largest come first.
std::string arrow(const ListColumn &column, const State &state, const Look &look) {
  const bool descending = column.ascending == state.reverse;
  if (!look.utf8) return descending ? "v" : "^";
  return descending ? "▼" : "▲";
}

void draw_headings(Canvas &canvas, const ListLayout &layout, const State &state, const Look &look, int y) {
  canvas.fill(0, canvas.width(), y, Style::kHeader);
  for (const PlacedColumn &placed : layout.columns) {
    const ListColumn &column = *placed.column;
    const Style style = column.id == state.sort ? Style::kSorted : Style::kHeader;
    const bool left = column.id == ColumnId::kName || column.id == ColumnId::kTrend;
    const int x = left ? placed.x : placed.x + placed.width - text_width(column.title);
    canvas.put(x, y, column.title, style);
    if (column.id == state.sort) canvas.put(x - 1, y, arrow(column, state, look), style);
  }
}

void draw_trend(Canvas &canvas, const PlacedColumn &placed, const Row &row, const Board &board,
                const State &state, const Look &look, int y) {
  if (!row.answering()) {
    canvas.put(placed.x, y, shortened(row.member.complaint, placed.width, look.utf8), Style::kWarn);
    return;
  }
  const Graph graph = row.history.graph(board.now, state.interval, placed.width);
  draw_sparkline(canvas, placed.x, y, graph, look.utf8, Style::kGraph);
}

// A number says by its sign what the colour says: it grows, and has for a while, or shrinks; wrong calls.
Style cell_style(const ListColumn &column, const Row &row) {
  if (!row.answering()) return Style::kDim;
  if (column.id == ColumnId::kGrowth && row.rates) {
    if (steady_growth(row) >= 1) return Style::kWarn;
    if (row.rates->live_bytes < 0) return Style::kGraph;
  }
  const bool wrong = row.member.reading && row.member.reading->wrong_calls() > 0;
  return column.id == ColumnId::kWrong && wrong ? Style::kAlarm : Style::kPlain;
}

void draw_row(Canvas &canvas, const ListLayout &layout, const Listed &listed, const Board &board,
              const State &state, const Look &look, int y) {
  const Row &row = *listed.row;
  for (const PlacedColumn &placed : layout.columns) {
    if (placed.column->id == ColumnId::kTrend) {
      draw_trend(canvas, placed, row, board, state, look, y);
    } else if (placed.column->id == ColumnId::kName) {
      const bool every = row.member.reading && attributes_every(*row.member.reading);
      const bool growing = grows(row);
      const std::string name = listed.branch + (row.answering() ? "" : "!") + (growing ? "^" : "") +
                               (every ? kEverySign : "") + row.member.name();
      const Style named = !row.answering() ? Style::kWarn : growing ? Style::kAlarm : Style::kPlain;
      canvas.put(placed.x, y, shortened(name, placed.width, look.utf8), named);
    } else {
      canvas.put_right(placed.x + placed.width, y, cell_text(*placed.column, row, layout.figures),
                       cell_style(*placed.column, row));
    }
  }
  if (row.key() == state.selected) canvas.paint(0, canvas.width(), y, Style::kSelected);
}

std::vector<const Row *> visible_rows(const std::vector<Listed> &list, int first, int rows) {
  std::vector<const Row *> visible;
  for (int at = first; at < first + rows && at < static_cast<int>(list.size()); ++at)
    visible.push_back(list[static_cast<std::size_t>(at)].row);
  return visible;
}

void draw_rows(Canvas &canvas, const Board &board, const State &state, const std::vector<Listed> &list,
               int first, int rows, const Look &look) {
  const ListLayout layout = visible_layout(canvas.width(), state, list, first, rows);
  draw_headings(canvas, layout, state, look, 1);
  for (int row = 0; row < rows && first + row < static_cast<int>(list.size()); ++row) {
    draw_row(canvas, layout, list[static_cast<std::size_t>(first + row)], board, state, look,
             kListAbove + row);
  }
}

constexpr int kNothingRows = 3;
void draw_nothing(Canvas &canvas, const Board &board, const State &state, const Look &look) {
  const auto say = [&](int y, std::string_view text) {
    canvas.put(2, kListAbove + y, shortened(text, canvas.width() - 2, look.utf8));
  };
  if (!board.filled) return say(1, "looking for metered processes");
  if (!board.rows.empty()) {
    return say(1, fmt::format("no name among {} is like \"{}\"", counted_processes(board.rows.size()),
                              shortened(state.filter, kWidestWord, look.utf8)));
  }
  say(1, "no process is metered; start one:");
  say(2, "heapmeter run -- PROGRAM [ARGUMENT...]");
}

const std::vector<KeyHelp> kListKeys = {
    {"?", "help"},   {"q", "quit"}, {"Enter", "open"}, {"<>", "sort"},     {"r", "reverse"},
    {"/", "filter"}, {"t", "tree"}, {"p", "pause"},    {"+-", "interval"}, {"b", "bytes"}};

// With a sign of the rows that have no room.
std::vector<KeyHelp> list_keys(const State &state, std::size_t count, int rows) {
  std::vector<KeyHelp> keys = kListKeys;
  if (!state.filter.empty()) keys.insert(keys.begin(), {"Esc", "no filter"});
  const int above = state.top, below = static_cast<int>(count) - state.top - rows;
  std::string hidden = above > 0 ? fmt::format("{} above", above) : "";
  if (below > 0) hidden += fmt::format("{}{} below", hidden.empty() ? "" : ", ", below);
  if (!hidden.empty()) keys.insert(keys.begin(), {"Up Down", hidden});
  return keys;
}

// Its end, where it is too long; and how to leave it.
void draw_filter(Canvas &canvas, const State &state) {
  const int y = canvas.height() - 1;
  const std::string prompt = "filter by name: ", typed = state.filter + "_";
  const int x = std::min(text_width(prompt) + text_width(typed), canvas.width());
  canvas.put_right(x, y, typed);
  canvas.put(0, y, prompt, Style::kKey);
  const std::string keys = "  Enter keep  Esc no filter";
  if (x + text_width(keys) <= canvas.width()) canvas.put(x, y, keys, Style::kDim);
}

}  // namespace

ListLayout visible_layout(int width, const State &state, const std::vector<Listed> &list, int first,
                          int rows) {
  return layout_list(width, state.exact, state.sort, visible_rows(list, first, rows));
}

int list_rows(int height) { return std::max(1, height - kListAbove - kBelow); }

void draw_keys(Canvas &canvas, const std::vector<KeyHelp> &keys) {
  int x = 0;
  const int y = canvas.height() - 1;
  for (const KeyHelp &each : keys) {
    const int width = text_width(each.key) + 1 + text_width(each.meaning);
    if (x + width > canvas.width()) break;
    x = canvas.put(x, y, each.key, Style::kKey);
    x = canvas.put(x + 1, y, each.meaning, Style::kDim) + 2;
  }
}

int draw_state(Canvas &canvas, const State &state) {
  const std::string text = fmt::format("every {:g} s", state.interval);
  int begin = canvas.width() - text_width(text);
  if (state.paused) {
    canvas.put_right(canvas.width(), 0, "PAUSED", Style::kWarn);
    return canvas.width() - 6;
  }
  canvas.put(begin, 0, text, Style::kDim);
  return begin;
}

Canvas draw_list(int width, int height, const Board &board, const State &state,
                 const std::vector<Listed> &list, const Look &look) {
  Canvas canvas(width, height);
  draw_totals(canvas, board, state, list, look, draw_state(canvas, state) - 2);
  draw_rows(canvas, board, state, list, state.top, list_rows(height), look);
  if (list.empty()) draw_nothing(canvas, board, state, look);
  canvas.fill(0, width, height - 1, Style::kPlain);
  if (state.typing) {
    draw_filter(canvas, state);
  } else {
    draw_keys(canvas, list_keys(state, list.size(), list_rows(height)));
  }
  return canvas;
}

Canvas draw_whole_list(int width, const Board &board, const State &state, const Look &look) {
  const auto list = listed(board, state, look);
  Canvas canvas(width, kListAbove + (list.empty() ? kNothingRows : static_cast<int>(list.size())));
  draw_totals(canvas, board, state, list, look, width);
  draw_rows(canvas, board, state, list, 0, static_cast<int>(list.size()), look);
  if (list.empty()) draw_nothing(canvas, board, state, look);
  return canvas;
}

}  // namespace heapmeter::cli::tui
