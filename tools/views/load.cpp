// SPDX-License-Identifier: MIT
#include "views/load.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "flame/label.h"
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

// Requests, where both tell how many there were, or else runs.
bool compared_by_request(const Load &load, const Load &before) { return load.per > 1 && before.per > 1; }

double share(double value, const Load &load, bool by_request) {
  return by_request ? value / static_cast<double>(load.per) : value;
}

// Of one of them, how much more or less than it was; what lies within what runs differ by is none.
std::string change_text(const CostField &field, const Load &load, const Load &before) {
  const bool by_request = compared_by_request(load, before);
  const double now = share(load.middle().*field.value, load, by_request);
  const double then = share(before.middle().*field.value, before, by_request);
  const double noise = share(load.noise().*field.value, load, by_request) +
                       share(before.noise().*field.value, before, by_request);
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

std::string in_all(const Load &load) { return fmt::format("ALL {} RUNS", load.runs.size()); }

std::string signed_amount(double value, bool of_bytes, const Units &units) {
  return (value > 0 ? "+" : "") + amount(value, of_bytes, units);
}

// What all runs together kept, and beside it what that is for each.
std::string kept_text(const Load &load, const Units &units, const Paint &paint, bool utf8) {
  constexpr std::size_t kMost = 8;
  const bool repeated = load.runs.size() > 1;
  const auto runs = static_cast<double>(load.runs.size());
  std::vector<Column> columns = {{"KEPT IN CLASS"}};
  if (repeated) columns.insert(columns.end(), {{"A RUN"}, {in_all(load)}, {"BLOCKS A RUN"}, {in_all(load)}});
  if (!repeated) columns.insert(columns.end(), {{"BYTES"}, {"BLOCKS"}});
  Table table(std::move(columns));
  std::size_t shown = 0;
  for (const ClassChange &each : load.kept) {
    if (each.live_bytes <= 0 || shown == kMost) break;
    ++shown;
    std::vector<std::string> cells = {class_label(each.now, units, utf8)};
    for (const auto &[value, of_bytes] : {std::pair(each.live_bytes, true), {each.live_blocks, false}}) {
      if (repeated) cells.push_back(signed_amount(static_cast<double>(value) / runs, of_bytes, units));
      cells.push_back(units.change(value, of_bytes));
    }
    table.add(std::move(cells));
  }
  if (table.empty()) return "";
  return "\n" + paint.title(table.header()) + table.rows();
}

// Of one request or run, what the code keeps.
double kept_each(const Load &load, const KeptCode &code, bool by_request) {
  return share(code.bytes / static_cast<double>(load.runs.size()), load, by_request);
}

std::string kept_by_code(const Load &load, const Load *before, const Units &units, const Paint &paint,
                         int columns_of_screen) {
  if (!load.has_code) return "";
  constexpr std::size_t kMost = 8;
  constexpr int kLeastForCode = 30;
  const bool compared = before != nullptr && before->has_code;
  const bool by_request = before == nullptr ? load.per > 1 : compared_by_request(load, *before);
  std::vector<Column> columns = {{by_request ? "KEPT A REQUEST" : "KEPT A RUN"}};
  if (load.runs.size() > 1 || by_request) columns.push_back({load.runs.size() > 1 ? in_all(load) : "TOTAL"});
  if (compared) columns.push_back({printable(before->name)});
  columns.push_back({"BY CODE", Align::kLeft});
  std::vector<KeptCode> all = load.code;
  const auto known = [](const std::vector<KeptCode> &list, const std::string &code) {
    return std::find_if(list.begin(), list.end(), [&](const KeptCode &each) { return each.code == code; });
  };
  // What kept something before, and does no more.
  if (compared) {
    for (const KeptCode &each : before->code) {
      if (each.bytes > 0 && known(load.code, each.code) == load.code.end())
        all.push_back({each.code, each.place, 0, 0});
    }
  }
  Table table(columns);
  std::size_t shown = 0;
  const int taken = 16 * static_cast<int>(columns.size() - 1);
  const int wide = columns_of_screen <= 0 ? 0 : std::max(kLeastForCode, columns_of_screen - taken);
  for (const KeptCode &each : all) {
    const auto then = compared ? known(before->code, each.code) : all.end();
    const bool held_before = compared && then != before->code.end() && then->bytes > 0;
    if ((each.bytes <= 0 && !held_before) || shown == kMost) continue;
    ++shown;
    std::vector<std::string> cells = {signed_amount(kept_each(load, each, by_request), true, units)};
    if (columns.size() > (compared ? 3u : 2u)) cells.push_back(signed_amount(each.bytes, true, units));
    if (compared)
      cells.push_back(held_before ? signed_amount(kept_each(*before, *then, by_request), true, units) : "-");
    cells.push_back(wide == 0 ? printable(each.place) : flame::fitted(printable(each.place), wide));
    table.add(std::move(cells));
  }
  if (table.empty()) return "\nNo code kept anything.\n";
  return "\n" + paint.title(table.header()) + table.rows();
}

}  // namespace

std::string load_text(const Load &load, const std::string &command, const Load *before, const Units &units,
                      const Paint &paint, bool utf8, int columns_of_screen) {
  const LoadCost middle = load.middle(), noise = load.noise(), sum = load.sum();
  const bool by_request = load.per > 1, repeated = load.runs.size() > 1;
  std::vector<Column> columns = {{"", Align::kLeft}, {repeated ? "A RUN" : "TOTAL"}};
  if (repeated) columns.push_back({in_all(load)});
  if (by_request) columns.push_back({"A REQUEST"});
  if (repeated) columns.push_back({"NOISE"});
  // Beside A REQUEST it would be taken for one.
  const bool says_run = before != nullptr && by_request && !compared_by_request(load, *before);
  if (before != nullptr)
    columns.insert(columns.end(), {{printable(before->name) + (says_run ? ", A RUN" : "")}, {"CHANGE"}});
  Table table(std::move(columns));
  for (const CostField &field : kCostFields) {
    const double value = middle.*field.value;
    std::vector<std::string> cells = {field.label, amount(value, field.of_bytes, units)};
    if (repeated) cells.push_back(amount(sum.*field.value, field.of_bytes, units));
    if (by_request) cells.push_back(amount(value / static_cast<double>(load.per), field.of_bytes, units));
    if (repeated) {
      const double around = noise.*field.value;
      cells.push_back(around == 0  ? "none"
                      : value == 0 ? (utf8 ? "±" : "+-") + amount(around, field.of_bytes, units)
                                   : (utf8 ? "±" : "+-") + percent(around, value));
    }
    if (before != nullptr) {
      const double then = share(before->middle().*field.value, *before, compared_by_request(load, *before));
      cells.push_back(amount(then, field.of_bytes, units));
      cells.push_back(change_text(field, load, *before));
    }
    table.add(std::move(cells));
  }
  return heading(load, command, paint) + "\n" + paint.title(table.header()) + table.rows() +
         kept_text(load, units, paint, utf8) + kept_by_code(load, before, units, paint, columns_of_screen);
}

}  // namespace heapmeter::cli
