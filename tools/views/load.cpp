// SPDX-License-Identifier: MIT
#include "views/load.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "text/format.h"
#include "text/table.h"
#include "views/class_table.h"

namespace heapmeter::cli {
namespace {

std::string amount(double value, bool of_bytes, const Units &units) {
  const bool whole = value == std::floor(value);
  if (units.exact) return whole ? fmt::format("{:.0f}", value + 0.0) : fmt::format("{:.3f}", value);
  if (of_bytes) return format::bytes(value);
  if (!whole && std::fabs(value) < 1000) return fmt::format("{:.3g}", value);
  const std::string text = format::grouped(static_cast<std::uint64_t>(std::llround(std::fabs(value))));
  return value < 0 ? "-" + text : text;
}

std::string percent(double part, double whole) {
  const double per_cent = 100 * part / std::fabs(whole);
  return std::fabs(per_cent) < 99.5 ? fmt::format("{:.2g} %", per_cent) : fmt::format("{:.0f} %", per_cent);
}

// Of one request, how much more or less than it was; what lies within what runs differ by is none.
std::string change_text(const CostField &field, const Load &load, const Load &before) {
  const double now = load.middle().*field.value / static_cast<double>(load.per);
  const double then = before.middle().*field.value / static_cast<double>(before.per);
  const double noise = load.noise().*field.value / static_cast<double>(load.per) +
                       before.noise().*field.value / static_cast<double>(before.per);
  if (now == then) return "same";
  if (std::fabs(now - then) <= noise) return "in the noise";
  if (then == 0) return "new";
  const double part = 100 * (now - then) / std::fabs(then);
  return fmt::format("{:+.{}f} %", part, std::fabs(part) < 9.95 ? 1 : 0);
}

std::string heading(const Load &load, const std::string &command, const Paint &paint) {
  const std::string times = load.runs.size() == 1 ? "" : fmt::format(" {} times", load.runs.size());
  return paint.title(printable(load.process)) + fmt::format(" while {} ran{}: {}{}\n", printable(command),
                                                            times, format::duration(load.middle().seconds),
                                                            times.empty() ? "" : " each");
}

std::string kept_text(const Load &load, const Units &units, const Paint &paint, bool utf8) {
  constexpr std::size_t kMost = 8;
  Table table({{"KEPT IN CLASS"}, {"BYTES"}, {"BLOCKS"}});
  std::size_t shown = 0;
  for (const ClassChange &each : load.kept) {
    if (each.live_bytes <= 0 || shown == kMost) break;
    ++shown;
    table.add({class_label(each.now, units, utf8), units.change(each.live_bytes, true),
               units.change(each.live_blocks, false)});
  }
  if (table.empty()) return "";
  return "\n" + paint.title(table.header()) + table.rows();
}

}  // namespace

std::string load_text(const Load &load, const std::string &command, const Load *before, const Units &units,
                      const Paint &paint, bool utf8) {
  const LoadCost middle = load.middle(), noise = load.noise();
  const bool by_request = load.per > 1, repeated = load.runs.size() > 1;
  std::vector<Column> columns = {{"", Align::kLeft}, {repeated ? "A RUN" : "TOTAL"}};
  if (by_request) columns.push_back({"A REQUEST"});
  if (repeated) columns.push_back({"NOISE"});
  if (before != nullptr) columns.insert(columns.end(), {{printable(before->name)}, {"CHANGE"}});
  Table table(std::move(columns));
  for (const CostField &field : kCostFields) {
    const double value = middle.*field.value;
    std::vector<std::string> cells = {field.label, amount(value, field.of_bytes, units)};
    if (by_request) cells.push_back(amount(value / static_cast<double>(load.per), field.of_bytes, units));
    if (repeated) {
      const double around = noise.*field.value;
      cells.push_back(around == 0  ? "none"
                      : value == 0 ? (utf8 ? "±" : "+-") + amount(around, field.of_bytes, units)
                                   : (utf8 ? "±" : "+-") + percent(around, value));
    }
    if (before != nullptr) {
      const double then = before->middle().*field.value /
                          static_cast<double>(by_request || before->per > 1 ? before->per : 1);
      cells.push_back(amount(then, field.of_bytes, units));
      cells.push_back(change_text(field, load, *before));
    }
    table.add(std::move(cells));
  }
  return heading(load, command, paint) + "\n" + paint.title(table.header()) + table.rows() +
         kept_text(load, units, paint, utf8);
}

}  // namespace heapmeter::cli
