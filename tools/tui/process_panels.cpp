// SPDX-License-Identifier: MIT
#include "tui/process_panels.h"

#include <algorithm>

#include <fmt/format.h>

#include "account_view.h"
#include "class_table.h"
#include "format.h"
#include "reading_view.h"
#include "terminal.h"

namespace heapmeter::cli::tui {
namespace {

constexpr std::size_t kMostClasses = 10, kMostThreads = 8;

std::string bytes(std::uint64_t amount, const PanelLook &look) {
  return bytes_text(static_cast<double>(amount), look.figures);
}

std::string count(std::uint64_t amount, const PanelLook &look) {
  return count_text(static_cast<double>(amount), look.figures);
}

double part_of(double amount, double whole) { return whole > 0 ? amount / whole : 0; }

// The largest by live bytes, by ascending size; the others as one.
Canvas sizes_panel(const Inspection &inspection, const PanelLook &look) {
  std::vector<SizeClass> classes = inspection.sizes;
  std::sort(classes.begin(), classes.end(),
            [](const SizeClass &a, const SizeClass &b) { return a.live_bytes > b.live_bytes; });
  SizeClass others;
  const std::size_t shown = classes.size() > kMostClasses ? kMostClasses - 1 : classes.size();
  for (std::size_t at = shown; at < classes.size(); ++at) {
    others.live_blocks += classes[at].live_blocks;
    others.live_bytes += classes[at].live_bytes;
  }
  const std::size_t left_out = classes.size() - shown;
  classes.resize(shown);
  const double most = std::max(static_cast<double>(others.live_bytes),
                               classes.empty() ? 0.0 : static_cast<double>(classes.front().live_bytes));
  std::sort(classes.begin(), classes.end(),
            [](const SizeClass &a, const SizeClass &b) { return a.class_bytes < b.class_bytes; });
  std::vector<BarRow> rows;
  const auto add = [&](const std::string &label, const SizeClass &each) {
    rows.push_back({label,
                    {bytes(each.live_bytes, look), count(each.live_blocks, look)},
                    part_of(static_cast<double>(each.live_bytes), most)});
  };
  const Units units{look.figures == Figures::kExact};
  for (const SizeClass &each : classes) add(class_label(each, units, look.utf8), each);
  if (left_out > 0) add(fmt::format("{} others", left_out), others);
  return bar_panel(look.width, "SIZE CLASS", {"LIVE", "BLOCKS"}, rows, look.utf8);
}

// The busiest by bytes a second; bars are of that.
Canvas threads_panel(const Inspection &inspection, const PanelLook &look) {
  const double most = inspection.threads.empty() ? 0 : inspection.threads.front().bytes.value_or(0);
  std::vector<BarRow> rows;
  const auto rate = [&](const std::optional<double> &value, auto text) {
    return value ? text(*value, look.figures) : std::string("-");
  };
  for (const BusyThread &thread : inspection.threads) {
    if (rows.size() == kMostThreads) break;
    rows.push_back({thread.name,
                    {rate(thread.bytes, bytes_text), rate(thread.allocations, count_text),
                     bytes_text(thread.net(), look.figures)},
                    part_of(thread.bytes.value_or(0), most)});
  }
  if (inspection.threads.size() > rows.size()) {
    rows.push_back({fmt::format("{} others", inspection.threads.size() - rows.size()), {}, 0, Style::kDim});
  }
  if (inspection.exited.allocations > 0) {
    const double net = static_cast<double>(inspection.exited.allocated_bytes) -
                       static_cast<double>(inspection.exited.freed_bytes);
    rows.push_back({"exited", {"", "", bytes_text(net, look.figures)}, 0, Style::kDim});
  }
  return bar_panel(look.width, "THREAD", {"BYTES/S", "ALLOC/S", "NET"}, rows, look.utf8);
}

void add_kinds(std::vector<BarRow> &rows, const std::vector<KindCount> &kinds, const PanelLook &look) {
  double most = 0;
  for (const KindCount &kind : kinds) most = std::max(most, static_cast<double>(kind.count));
  for (const KindCount &kind : kinds) {
    if (kind.count == 0) continue;
    rows.push_back({kind.kind, {count(kind.count, look)}, part_of(static_cast<double>(kind.count), most)});
  }
}

Canvas kinds_panel(const Reading &reading, const PanelLook &look) {
  std::vector<BarRow> rows;
  add_kinds(rows, reading.allocations_by_kind, look);
  add_kinds(rows, reading.frees_by_kind, look);
  if (reading.reallocations > 0) {
    rows.push_back({"resized", {count(reading.reallocations, look)}, 0});
    rows.push_back({"  moved",
                    {count(reading.reallocations_moved, look)},
                    part_of(static_cast<double>(reading.reallocations_moved),
                            static_cast<double>(reading.reallocations))});
  }
  return bar_panel(look.width, "KIND OF CALL", {"CALLS"}, rows, look.utf8);
}

Canvas wrong_panel(const Reading &reading, const PanelLook &look) {
  std::vector<TextLine> lines;
  const Units units{look.figures == Figures::kExact};
  const auto add = [&](std::uint64_t number, const char *what) {
    if (number > 0) lines.push_back({fmt::format("{} {}", units.count(number), what), Style::kAlarm});
  };
  add(reading.mismatches, "released by the wrong call");
  add(reading.size_mismatches, "released with the wrong size");
  add(reading.double_frees, "released twice");
  add(reading.foreign_frees, "foreign");
  for (const Fault &fault : reading.faults) {
    lines.push_back({fmt::format("{}x {}", units.count(fault.count), printable(fault_text(fault, units)))});
  }
  if (lines.empty()) lines.push_back({"none", Style::kPlain});
  return text_panel(look.width, "WRONG CALLS", lines);
}

// The rows of `heapmeter account`, by the same readings.
Canvas account_panel(const Inspection &inspection, const PanelLook &look) {
  constexpr const char *kTitle = "ACCOUNT";
  if (!inspection.account) {
    const bool failed = !inspection.account_complaint.empty();
    return text_panel(look.width, kTitle,
                      {{failed ? printable(inspection.account_complaint) : "being taken",
                        failed ? Style::kWarn : Style::kDim}});
  }
  const AccountRows account = account_rows(*inspection.account, Units{look.figures == Figures::kExact});
  std::vector<BarRow> rows;
  for (const AccountRow &row : account.rows) {
    if (row.label.empty()) {
      rows.emplace_back();
      continue;
    }
    rows.push_back({row.label,
                    {bytes_text(static_cast<double>(row.bytes), look.figures)},
                    part_of(row.to - row.from, account.scale),
                    Style::kPlain,
                    part_of(row.from, account.scale)});
  }
  return bar_panel(look.width, kTitle, {"BYTES"}, rows, look.utf8);
}

}  // namespace

std::vector<Canvas> process_panels(const Row &row, const Inspection &inspection, const PanelLook &look) {
  const Reading &reading = *row.member.reading;
  std::vector<Canvas> panels{sizes_panel(inspection, look), threads_panel(inspection, look),
                             account_panel(inspection, look), kinds_panel(reading, look),
                             wrong_panel(reading, look)};
  if (!inspection.complaint.empty()) {
    panels.insert(panels.begin(),
                  text_panel(look.width, "SIZE CLASSES AND THREADS", {{inspection.complaint, Style::kWarn}}));
  }
  return panels;
}

}  // namespace heapmeter::cli::tui
