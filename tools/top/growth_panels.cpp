// SPDX-License-Identifier: MIT
#include "top/growth_panels.h"

#include <algorithm>

#include <fmt/format.h>

namespace heapmeter::cli::tui {
namespace {

constexpr std::size_t kLargestClasses = 6;
constexpr int kRoomForAll = 44;

// There are many figures.
void fit(PanelLook &look) {
  if (look.width < kRoomForAll && look.figures == Figures::kUnits) look.figures = Figures::kShort;
}

// Where it grows most is bold: the row of the largest change, if that is a growth.
template <typename Shown, typename Change>
void mark_fastest(std::vector<BarRow> &rows, const std::vector<Shown> &shown, Change change) {
  const auto most = std::max_element(shown.begin(), shown.end(),
                                     [&](const Shown &a, const Shown &b) { return change(a) < change(b); });
  if (most != shown.end() && change(*most) > 0)
    rows[static_cast<std::size_t>(most - shown.begin())].style = Style::kTitle;
}

// The largest by live bytes, and then those that grew most; the others as one, at the end.
struct Worthwhile {
  std::vector<ClassChange> classes = {};  // by ascending size
  ClassChange others = {};
  std::size_t left_out = 0;
};
Worthwhile worth_showing(const Inspection &inspection, std::size_t most) {
  Worthwhile found;
  std::vector<ClassChange> &classes = found.classes;
  for (const ClassChange &each : inspection.sizes) {
    if (each.now.live_blocks > 0 || each.live_bytes != 0) classes.push_back(each);
  }
  const auto larger = [](const ClassChange &a, const ClassChange &b) {
    return a.now.live_bytes > b.now.live_bytes;
  };
  std::stable_sort(classes.begin(), classes.end(), larger);
  if (classes.size() > most) {
    // What has not grown stays in the order of its size.
    const auto grown = [](const ClassChange &each) { return std::max<std::int64_t>(each.live_bytes, 0); };
    std::stable_sort(classes.begin() + kLargestClasses, classes.end(),
                     [&](const ClassChange &a, const ClassChange &b) { return grown(a) > grown(b); });
    found.others = sum_of(std::span(classes).subspan(most - 1));
    found.left_out = classes.size() - most + 1;
    classes.resize(most - 1);
  }
  std::sort(classes.begin(), classes.end(),
            [](const ClassChange &a, const ClassChange &b) { return a.now.class_bytes < b.now.class_bytes; });
  return found;
}

}  // namespace

Canvas sizes_panel(const Inspection &inspection, PanelLook look) {
  fit(look);
  const auto [classes, others, left_out] = worth_showing(inspection, look.most_classes);
  std::uint64_t most = others.now.live_bytes;
  for (const ClassChange &each : classes) most = std::max(most, each.now.live_bytes);
  std::vector<BarRow> rows;
  const auto add = [&](const std::string &label, const ClassChange &each) {
    rows.push_back({label,
                    {bytes_text(static_cast<double>(each.now.live_bytes), look.figures),
                     signed_bytes(static_cast<double>(each.live_bytes), look.figures),
                     count_text(static_cast<double>(each.now.live_blocks), look.figures)},
                    part_of(static_cast<double>(each.now.live_bytes), static_cast<double>(most))});
  };
  const Units units{look.figures == Figures::kExact};
  for (const ClassChange &each : classes) add(class_label(each.now, units, look.utf8), each);
  mark_fastest(rows, classes, [](const ClassChange &each) { return each.live_bytes; });
  if (left_out > 0) add(fmt::format("{} others", left_out), others);
  std::vector<std::string> headings{"LIVE", "CHANGE"};
  if (look.width >= kRoomForAll) headings.push_back("BLOCKS");
  return bar_panel(look.width, "SIZE CLASS", headings, rows, look.utf8);
}

Canvas threads_panel(const Inspection &inspection, PanelLook look) {
  fit(look);
  const std::size_t shown = std::min(inspection.threads.size(), look.most_threads);
  const std::vector<BusyThread> busiest(inspection.threads.begin(),
                                        inspection.threads.begin() + static_cast<std::ptrdiff_t>(shown));
  BusyThread others;
  for (std::size_t at = shown; at < inspection.threads.size(); ++at) {
    const BusyThread &thread = inspection.threads[at];
    others.change += thread.change;
    if (thread.bytes) others.bytes = others.bytes.value_or(0) + *thread.bytes;
    if (thread.allocations) others.allocations = others.allocations.value_or(0) + *thread.allocations;
    others.totals.allocated_bytes += thread.totals.allocated_bytes;
    others.totals.freed_bytes += thread.totals.freed_bytes;
  }
  const double most = busiest.empty() ? 0 : busiest.front().bytes.value_or(0);
  std::vector<BarRow> rows;
  const auto rate = [&](const std::optional<double> &value, auto text) {
    return value ? text(*value, look.figures) : std::string("-");
  };
  const auto add = [&](const std::string &label, const BusyThread &thread, double part, Style style) {
    rows.push_back({label,
                    {signed_bytes(thread.change, look.figures), rate(thread.bytes, bytes_text),
                     rate(thread.allocations, count_text), bytes_text(thread.net(), look.figures)},
                    part,
                    style});
  };
  for (const BusyThread &thread : busiest)
    add(thread.name, thread, part_of(thread.bytes.value_or(0), most), Style::kPlain);
  mark_fastest(rows, busiest, [](const BusyThread &thread) { return thread.change; });
  if (inspection.threads.size() > shown)
    add(fmt::format("{} others", inspection.threads.size() - shown), others, 0, Style::kDim);
  if (inspection.exited.allocations > 0) {
    rows.push_back({"exited",
                    {signed_bytes(inspection.exited_change, look.figures), "", "",
                     bytes_text(net_of(inspection.exited), look.figures)},
                    0,
                    Style::kDim});
  }
  std::vector<std::string> headings{"CHANGE", "BYTES/S", "ALLOC/S"};
  if (look.width >= kRoomForAll) headings.push_back("NET");
  return bar_panel(look.width, "THREAD", headings, rows, look.utf8);
}

}  // namespace heapmeter::cli::tui
