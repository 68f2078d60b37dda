// SPDX-License-Identifier: MIT
#include "top/process_panels.h"

#include <algorithm>

#include <fmt/format.h>

#include "readings/last_look.h"
#include "text/format.h"
#include "text/terminal.h"
#include "top/code_panel.h"
#include "top/growth_panels.h"
#include "top/verdict_panel.h"
#include "views/account.h"
#include "views/reading.h"

namespace heapmeter::cli::tui {
namespace {

std::string count(std::uint64_t amount, const PanelLook &look) {
  return count_text(static_cast<double>(amount), look.figures);
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
  add(reading.inner_frees, "within a block");
  for (const Fault &fault : reading.faults) {
    lines.push_back({fmt::format("{}x {}", units.count(fault.count), printable(fault_text(fault, units)))});
  }
  if (lines.empty()) lines.push_back({"none", Style::kPlain});
  return text_panel(look.width, "WRONG CALLS", lines);
}

// Of somebody's look: this screen takes none.
Canvas lost_panel(const Reading &reading, const LastLook &last, const PanelLook &look) {
  const Units units{look.figures == Figures::kExact};
  const auto line = [&](std::uint64_t bytes, std::uint64_t blocks, const char *what, Style style) {
    return TextLine{fmt::format("{} in {} {}{}", units.bytes(bytes), units.count(blocks),
                                blocks == 1 ? "block" : "blocks", what),
                    style};
  };
  const double age = reading.monotonic_ns < last.monotonic_ns
                         ? 0
                         : static_cast<double>(reading.monotonic_ns - last.monotonic_ns) / 1e9;
  std::vector<TextLine> lines;
  const bool is_proven = last.lost_blocks != 0;
  if (is_proven || last.perhaps_blocks == 0)
    lines.push_back(line(last.lost_bytes, last.lost_blocks, "", is_proven ? Style::kAlarm : Style::kPlain));
  if (last.perhaps_blocks != 0)
    lines.push_back(line(last.perhaps_bytes, last.perhaps_blocks, is_proven ? " more, perhaps" : ", perhaps",
                         Style::kPlain));
  lines.push_back({fmt::format("by one look, {} ago", format::duration(age)), Style::kDim});
  return text_panel(look.width, "LOST", lines);
}

// The rows of `heapmeter account`, by the same readings.
Canvas account_panel(const Row &row, const Inspection &inspection, const PanelLook &look) {
  constexpr const char *kTitle = "ACCOUNT";
  if (!inspection.account) {
    const bool failed = !inspection.account_complaint.empty();
    const std::string why = row.ended ? "was not taken" : "being taken";
    return text_panel(
        look.width, kTitle,
        {{failed ? printable(inspection.account_complaint) : why, failed ? Style::kWarn : Style::kDim}});
  }
  const AccountRows account = account_rows(*inspection.account, Units{look.figures == Figures::kExact});
  std::vector<BarRow> rows;
  for (const AccountRow &line : account.rows) {
    if (line.label.empty()) {
      rows.emplace_back();
      continue;
    }
    rows.push_back({line.label,
                    {bytes_text(static_cast<double>(line.bytes), look.figures)},
                    part_of(line.to - line.from, account.scale),
                    Style::kPlain,
                    part_of(line.from, account.scale)});
  }
  return bar_panel(look.width, kTitle, {"BYTES"}, rows, look.utf8);
}

}  // namespace

std::vector<Canvas> process_panels(const Row &row, const Inspection &inspection,
                                   const std::vector<verdicts::Verdict> &verdicts, const PanelLook &look) {
  const Reading &reading = *row.member.reading;
  std::vector<Canvas> panels{sizes_panel(inspection, look),        threads_panel(inspection, look),
                             account_panel(row, inspection, look), kinds_panel(reading, look),
                             wrong_panel(reading, look),           verdict_panel(verdicts, look)};
  if (const auto last = last_look(reading))
    panels.insert(panels.begin() + 1, lost_panel(reading, *last, look));
  if (inspection.code && (inspection.code->is_noted() || !inspection.code->complaint.empty()))
    panels.insert(panels.begin() + 1, code_panel(*inspection.code, look));
  // Of a process that says nothing at all the summary tells.
  if (!inspection.complaint.empty() && row.answering()) {
    panels.insert(panels.begin(),
                  text_panel(look.width, "SIZE CLASSES AND THREADS", {{inspection.complaint, Style::kWarn}}));
  }
  return panels;
}

}  // namespace heapmeter::cli::tui
