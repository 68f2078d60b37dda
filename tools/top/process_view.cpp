// SPDX-License-Identifier: MIT
#include "top/process_view.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "readings/allocator_name.h"
#include "readings/sampling.h"
#include "text/format.h"
#include "top/list_view.h"
#include "top/process_panels.h"
#include "top/verdict_panel.h"

namespace heapmeter::cli::tui {
namespace {

constexpr int kFrameRows = 2;  // heading and keys
constexpr int kFigureRows = 3, kAxis = 9, kPanelWidth = 38, kPanels = 5;

// "live 37.0 MiB  blocks 48,494", and so on, as far as there is room.
void draw_figures(Canvas &canvas, int y, const std::vector<std::pair<const char *, std::string>> &figures) {
  int x = 0;
  for (const auto &[label, text] : figures) {
    if (x + text_width(label) + 1 + text_width(text) > canvas.width()) continue;
    x = canvas.put(x, y, label, Style::kDim);
    x = canvas.put(x + 1, y, text) + 2;
  }
}

void draw_summary(Canvas &canvas, int y, const Row &row, const Figures figures) {
  const Reading &reading = *row.member.reading;
  const auto bytes = [&](std::uint64_t amount) { return bytes_text(static_cast<double>(amount), figures); };
  const std::string least_peak = bytes(reading.least_peak()), most_peak = bytes(reading.most_peak());
  std::vector<std::pair<const char *, std::string>> shown = {
      {"live", bytes(reading.live_bytes)},
      {"blocks", format::grouped(reading.live_blocks)},
      {"usable", bytes(reading.usable_bytes)},
      {"RSS", row.member.resident ? bytes(*row.member.resident) : "unknown"},
      {"peak", bytes(reading.peak_bytes)},
      {"failures", count_text(static_cast<double>(reading.failures), figures)},
      {"meter cost", bytes(reading.meter_bytes)}};
  // Where it is known as well as it is shown, it is no range.
  if (least_peak != most_peak) shown.emplace_back("peak within", least_peak + " to " + most_peak);
  draw_figures(canvas, y, shown);
  if (!row.rates || row.ended) {
    const std::string why = row.ended ? "has ended; this is the last it said" : row.member.complaint;
    canvas.put(0, y + 1, why, Style::kWarn);
    return;
  }
  const Rates &rates = *row.rates;
  const auto count = [&](double amount) { return count_text(amount, figures); };
  draw_figures(canvas, y + 1,
               {{"growth", signed_bytes(rates.live_bytes, figures) + "/s"},
                {"allocs", count(rates.allocations) + "/s"},
                {"frees", count(rates.frees) + "/s"},
                {"in", bytes_text(rates.allocated_bytes, figures) + "/s"},
                {"reallocs", count(rates.reallocations) + "/s"},
                {"out", bytes_text(rates.freed_bytes, figures) + "/s"}});
}

// What it is about: "+4.70 MiB in 20.0 s", from the first column that is known to the last.
std::string change_over(const Graph &graph, double step, const State &state) {
  const auto known =
      std::find_if(graph.begin(), graph.end(), [](const auto &value) { return value.has_value(); });
  if (known == graph.end() || known == graph.end() - 1) return "";
  const auto steps = static_cast<double>(graph.end() - known - 1);
  if (*graph.back() == **known) return "unchanged in " + format::duration(steps * step);
  return fmt::format("{} in {}",
                     signed_bytes(*graph.back() - **known, state.exact ? Figures::kExact : Figures::kUnits),
                     format::duration(steps * step));
}

// From 0, where what changes can be seen that way; else from somewhat below the lowest, so that it has some
// height.
Range chart_range(const Graph &graph) {
  constexpr double kSeen = 0.25;
  Range range = range_of(graph);
  const double change = range.high - range.low;
  range.low = change >= kSeen * range.high ? 0 : std::max(0.0, range.low - change / 10);
  return range;
}

// How far back it goes.
std::string chart_reach(const Row &row, const State &state, double now, double length) {
  const double known = row.history.empty() ? 0 : now - row.history.first();
  const bool all = state.whole || known < length;
  return fmt::format("{} {}", all ? "all of" : "the last", format::duration(all ? known : length));
}

// To the right, as far as there is room; that it does not begin at 0 goes before the rest.
void draw_caption(Canvas &canvas, int x, Range range, const std::string &reach, double step) {
  const std::string base = range.low > 0 ? "axis from " + bytes_text(range.low, Figures::kShort) : "";
  const std::string begin = base.empty() ? "" : base + "  ";
  const std::string fine = fmt::format(", {} a column", format::duration(step));
  for (const std::string &text : {begin + reach + fine, begin + reach, base}) {
    if (x + text_width(text) > canvas.width()) continue;
    canvas.put_right(canvas.width(), 0, text, Style::kDim);
    return;
  }
}

// The axis has the values at its ends and half-way; the title how far back it goes.
Canvas chart_panel(int width, int height, const Board &board, const Row &row, const State &state,
                   const Look &look) {
  Canvas canvas(width, height);
  const int columns = std::max(1, width - kAxis);
  // Of a process that has ended it stands still.
  const double now = row.ended && !row.history.empty() ? row.history.last() : board.now;
  double step = state.interval;
  if (state.whole && !row.history.empty()) {
    step = std::max((now - row.history.first()) / std::max(1, columns - 1), 0.001);
  }
  const Graph graph = row.history.graph(now, step, columns);
  const Range range = chart_range(graph);
  const int rows = height - 1;
  int x = canvas.put(0, 0, "LIVE BYTES", Style::kTitle) + 2;
  const std::string change = change_over(graph, step, state);
  if (x + text_width(change) <= width) x = canvas.put(x, 0, change) + 2;
  draw_caption(canvas, x, range, chart_reach(row, state, now, step * columns), step);
  draw_chart(canvas, kAxis, 1, rows, graph, range, look.utf8, Style::kGraph);
  // Short units: the axis is narrow, and exact integers have no end.
  const auto mark = [&](int y, double value) {
    canvas.put_right(kAxis - 2, y, bytes_text(value, Figures::kShort), Style::kDim);
    canvas.put(kAxis - 1, y, look.utf8 ? "┤" : "|", Style::kDim);
  };
  for (int y = 1; y < height; ++y) canvas.put(kAxis - 1, y, look.utf8 ? "│" : "|", Style::kDim);
  mark(1, range.high);
  if (rows > 1) mark(height - 1, range.low);
  if (rows > 4) mark(1 + rows / 2, range.high - (range.high - range.low) * (rows / 2) / (rows - 1));
  return canvas;
}

// Of code, whose panel may have something else to say.
std::size_t rows_of_code(const Inspection &inspection) {
  const bool shows_rows =
      inspection.code && inspection.code->complaint.empty() && inspection.code->state == Code::State::kKnown;
  return shows_rows ? inspection.code->rows.size() : 0;
}

// As many rows of size classes, then of threads, then of code, as there is room for: none is summed up while
// lines stay empty. Those of code push nothing off the screen.
Canvas fitting_panels(int width, int columns, int height, const Row &row, const Inspection &inspection,
                      const std::vector<verdicts::Verdict> &verdicts, PanelLook look) {
  const auto draw = [&] {
    return side_by_side(width, columns, process_panels(row, inspection, verdicts, look));
  };
  Canvas panels = draw();
  const int highest = std::max(height, panels.height());
  struct Kind {
    std::size_t PanelLook::*most;
    std::size_t there;
    int room;
  };
  const Kind kinds[] = {{&PanelLook::most_classes, inspection.sizes.size(), highest},
                        {&PanelLook::most_threads, inspection.threads.size(), highest},
                        {&PanelLook::most_code, rows_of_code(inspection), height}};
  for (const auto &[most, there, room] : kinds) {
    // Each step draws all panels: no more steps than lines.
    const std::size_t end = std::min(there, look.*most + static_cast<std::size_t>(std::max(0, room)));
    while (look.*most < end) {
      ++(look.*most);
      Canvas more = draw();
      if (more.height() > room) {
        --(look.*most);
        break;
      }
      panels = std::move(more);
    }
  }
  return panels;
}

// `height` is how many lines may be filled, `chart_height` 0 for no chart.
Canvas whole_page(int width, int height, int chart_height, const Board &board, const Row &row,
                  const Inspection &inspection, const State &state, const Look &look) {
  const Figures figures = state.exact ? Figures::kExact : Figures::kUnits;
  const int columns = std::clamp((width + 2) / (kPanelWidth + 2), 1, kPanels);
  const int panel_width = (width + 2) / columns - 2;
  const int panels_at = kFigureRows + chart_height + 1;
  const std::vector<verdicts::Verdict> verdicts = judged(row, inspection);
  const Canvas panels = fitting_panels(width, columns, height - panels_at, row, inspection, verdicts,
                                       {columns == 1 ? width : panel_width, figures, look.utf8});
  Canvas page(width, panels_at + panels.height());
  draw_summary(page, 0, row, figures);
  draw_verdict(page, kFigureRows - 1, verdicts, look.utf8);
  if (chart_height > 0) {
    const Canvas chart = chart_panel(width, chart_height, board, row, state, look);
    page.copy(chart, 0, chart_height, 0, kFigureRows);
  }
  page.copy(panels, 0, panels.height(), 0, panels_at);
  return page;
}

void draw_heading(Canvas &canvas, const Row &row, int end, const Look &look) {
  const std::string label = fmt::format("{} ({})", row.member.name(), row.member.shown_pid());
  int x = canvas.put(0, 0, shortened(label, end, look.utf8), Style::kTitle);
  if (!row.member.reading) return;
  const Reading &reading = *row.member.reading;
  if (const std::uint64_t wrong = reading.wrong_calls(); wrong > 0) {
    x = canvas.put(x + 2, 0, shortened(format::counted(wrong, "wrong call"), end - x - 2, look.utf8),
                   Style::kAlarm);
  }
  const std::string more =
      fmt::format("up {}, {}{}, heapmeter {} on {}", format::duration(reading.uptime_seconds),
                  format::counted(reading.threads, "thread"),
                  attributes_every(reading) ? ", every allocation attributed" : "", reading.version,
                  allocator_name(reading));
  canvas.put(x + 2, 0, shortened(more, end - x - 2, look.utf8), Style::kDim);
}

}  // namespace

Canvas draw_process(int width, int height, const Board &board, const Row *row, const Inspection &inspection,
                    State &state, const Look &look) {
  Canvas canvas(width, height);
  const int rows = std::max(1, height - kFrameRows);
  int below = 0;  // lines of the page
  if (row == nullptr) {
    const char *text =
        board.filled ? "no reading of it yet; it may have ended" : "waiting for its first reading";
    canvas.put(0, 0, text, Style::kWarn);
  } else if (draw_heading(canvas, *row, draw_state(canvas, state) - 2, look); !row->member.reading) {
    canvas.put(0, 2, row->member.complaint, Style::kWarn);
  } else {
    const int chart_height = std::clamp(height / 4 + 1, 4, 16);
    const Canvas page =
        whole_page(width, height - kFrameRows, chart_height, board, *row, inspection, state, look);
    state.scroll = std::clamp(state.scroll, 0, std::max(0, page.height() - rows));
    canvas.copy(page, state.scroll, rows, 0, 1);
    below = std::max(0, page.height() - state.scroll - rows);
  }
  canvas.fill(0, width, height - 1, Style::kPlain);
  draw_keys(canvas, {{"?", "help"},
                     {"q", "quit"},
                     {"Esc", "back"},
                     {"Up Down", below > 0 ? fmt::format("{} more", below) : "scroll"},
                     {"c", "code"},
                     {"w", state.whole ? "latest" : "whole time"},
                     {"p", "pause"},
                     {"+-", "interval"},
                     {"b", "bytes"}});
  return canvas;
}

Canvas draw_whole_process(int width, const Board &board, const Row &row, const Inspection &inspection,
                          const State &state, const Look &look) {
  constexpr int kMost = 60, kChart = 7;
  constexpr double kCourse = 5;  // readings
  Canvas page(width, 1);
  if (row.member.reading) {
    const bool has_course =
        !row.history.empty() && row.history.last() - row.history.first() >= kCourse * state.interval;
    page = whole_page(width, kMost, has_course ? kChart : 0, board, row, inspection, state, look);
  } else {
    page.put(0, 0, row.member.complaint, Style::kWarn);
  }
  Canvas canvas(width, page.height() + 1);
  draw_heading(canvas, row, width, look);
  canvas.copy(page, 0, page.height(), 0, 1);
  return canvas;
}

}  // namespace heapmeter::cli::tui
