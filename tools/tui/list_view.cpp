// SPDX-License-Identifier: MIT
#include "tui/list_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "format.h"

namespace heapmeter::cli::tui {
namespace {

constexpr int kAbove = 2, kBelow = 1;  // totals and headings; keys

std::string counted_processes(std::size_t number) {
  return number == 1 ? "1 process" : format::grouped(number) + " processes";
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
    if (row.member.reading) sum.wrong += row.member.reading->wrong_calls();
    if (row.rates) {
      sum.allocations += row.rates->allocations;
      sum.bytes += row.rates->allocated_bytes;
    }
    if (!row.answering()) ++sum.silent;
  }
  return sum;
}

void draw_totals(Canvas &canvas, const Board &board, const State &state, const std::vector<Listed> &list,
                 int end) {
  const Totals sum = totals_of(list);
  const Figures figures = state.exact ? Figures::kExact : Figures::kUnits;
  int x = canvas.put(0, 0, "heapmeter", Style::kTitle);
  const auto add = [&](const std::string &text, Style style) {
    if (x + 2 + text_width(text) <= end) x = canvas.put(x + 2, 0, text, style);
  };
  std::string count = counted_processes(list.size());
  if (!state.filter.empty() || state.typing) count += fmt::format(" like \"{}\"", state.filter);
  add(count, Style::kPlain);
  if (sum.silent > 0) add(fmt::format("{} silent", sum.silent), Style::kWarn);
  if (sum.wrong > 0) add(format::counted(sum.wrong, "wrong call"), Style::kAlarm);
  if (!board.refused.empty()) {
    add(format::counted(board.refused.size(), "refused place"), Style::kWarn);
  }
  add("live " + bytes_text(sum.live, figures), Style::kPlain);
  add(count_text(sum.allocations, figures) + " allocs/s", Style::kPlain);
  add(bytes_text(sum.bytes, figures) + "/s", Style::kPlain);
}

void draw_headings(Canvas &canvas, const ListLayout &layout, const State &state, int y) {
  canvas.fill(0, canvas.width(), y, Style::kHeader);
  for (const PlacedColumn &placed : layout.columns) {
    const ListColumn &column = *placed.column;
    const Style style = column.id == state.sort ? Style::kSorted : Style::kHeader;
    if (column.id == ColumnId::kName || column.id == ColumnId::kTrend) {
      canvas.put(placed.x, y, column.title, style);
    } else {
      canvas.put_right(placed.x + placed.width, y, column.title, style);
    }
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

void draw_row(Canvas &canvas, const ListLayout &layout, const Listed &listed, const Board &board,
              const State &state, const Look &look, int y) {
  const Row &row = *listed.row;
  const Style style = row.answering() ? Style::kPlain : Style::kDim;
  for (const PlacedColumn &placed : layout.columns) {
    if (placed.column->id == ColumnId::kTrend) {
      draw_trend(canvas, placed, row, board, state, look, y);
    } else if (placed.column->id == ColumnId::kName) {
      const std::string name = listed.branch + (row.answering() ? "" : "!") + row.member.name();
      canvas.put(placed.x, y, shortened(name, placed.width, look.utf8),
                 row.answering() ? Style::kPlain : Style::kWarn);
    } else {
      canvas.put_right(placed.x + placed.width, y, cell_text(*placed.column, row, layout.figures), style);
    }
  }
  if (row.key() == state.selected) canvas.paint(0, canvas.width(), y, Style::kSelected);
}

void draw_rows(Canvas &canvas, const Board &board, const State &state, const std::vector<Listed> &list,
               int first, int rows, const Look &look) {
  std::vector<const Row *> visible;
  for (int at = first; at < first + rows && at < static_cast<int>(list.size()); ++at)
    visible.push_back(list[static_cast<std::size_t>(at)].row);
  const ListLayout layout = layout_list(canvas.width(), state.exact, visible);
  draw_headings(canvas, layout, state, 1);
  for (std::size_t at = 0; at < visible.size(); ++at) {
    draw_row(canvas, layout, list[static_cast<std::size_t>(first) + at], board, state, look,
             kAbove + static_cast<int>(at));
  }
}

void draw_nothing(Canvas &canvas, const Board &board, const State &state) {
  const auto say = [&](int y, std::string_view text) { canvas.put(2, kAbove + y, text); };
  if (!board.filled) return say(1, "looking for metered processes");
  if (!board.rows.empty()) {
    say(1,
        fmt::format("no name among {} is like \"{}\"", counted_processes(board.rows.size()), state.filter));
    return say(2, "Esc shows them all");
  }
  say(1, "no process is metered; start one:");
  say(2, "heapmeter run -- PROGRAM [ARGUMENT...]");
}

const std::vector<KeyHelp> kListKeys = {
    {"?", "help"},   {"q", "quit"}, {"Enter", "open"}, {"<>", "sort"},     {"r", "reverse"},
    {"/", "filter"}, {"t", "tree"}, {"p", "pause"},    {"+-", "interval"}, {"b", "bytes"}};

}  // namespace

int list_rows(int height) { return std::max(1, height - kAbove - kBelow); }

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
  draw_totals(canvas, board, state, list, draw_state(canvas, state) - 1);
  draw_rows(canvas, board, state, list, state.top, list_rows(height), look);
  if (list.empty()) draw_nothing(canvas, board, state);
  canvas.fill(0, width, height - 1, Style::kPlain);
  if (state.typing) {
    const int x = canvas.put(0, height - 1, "filter by name: ", Style::kKey);
    canvas.put(x, height - 1, state.filter + "_");
  } else {
    draw_keys(canvas, kListKeys);
  }
  return canvas;
}

Canvas draw_whole_list(int width, const Board &board, const State &state, const Look &look) {
  const auto list = listed(board, state, look);
  Canvas canvas(width, kAbove + static_cast<int>(list.size()));
  draw_totals(canvas, board, state, list, width);
  draw_rows(canvas, board, state, list, 0, static_cast<int>(list.size()), look);
  return canvas;
}

}  // namespace heapmeter::cli::tui
