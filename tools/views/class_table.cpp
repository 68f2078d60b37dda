// SPDX-License-Identifier: MIT
#include "views/class_table.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "text/bar.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/table.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr int kBarWidth = 20;

std::int64_t difference(std::uint64_t later, std::uint64_t earlier) {
  return static_cast<std::int64_t>(later - earlier);
}

std::string per_second(std::int64_t count, double seconds, const Units &units) {
  const double rate = static_cast<double>(count) / seconds;
  return units.exact ? fmt::format("{:.0f}", rate) : format::count(rate);
}

std::string rounding(const SizeClass &held, const Units &units) {
  if (!held.usable_bytes) return "-";
  return units.bytes(*held.usable_bytes - std::min(held.live_bytes, *held.usable_bytes));
}

// None rather than tiny ones.
int room_for_bars(std::size_t table_width, int width) {
  constexpr int kGap = 2, kLeast = 4;
  const int left = width - static_cast<int>(table_width) - kGap;
  return width == 0 ? kBarWidth : left < kLeast ? 0 : std::min(left, kBarWidth);
}

std::string with_bars(const std::string &rows, const std::vector<std::uint64_t> &lengths, int room,
                      bool utf8) {
  const auto most = static_cast<double>(*std::max_element(lengths.begin(), lengths.end()));
  std::string text;
  std::istringstream lines(rows);
  std::size_t row = 0;
  for (std::string line; std::getline(lines, line); ++row) {
    const std::string drawn = room > 0 ? bar(static_cast<double>(lengths.at(row)), most, room, utf8) : "";
    text += line + (drawn.empty() ? "" : "  ") + drawn + "\n";
  }
  return text;
}

json::object totals_json(const ThreadTotals &totals) {
  return {{"allocations", totals.allocations},
          {"frees", totals.frees},
          {"reallocations", totals.reallocations},
          {"allocated_bytes", totals.allocated_bytes},
          {"freed_bytes", totals.freed_bytes},
          {"net_bytes", difference(totals.allocated_bytes, totals.freed_bytes)}};
}

}  // namespace

std::string class_label(const SizeClass &size_class, const Units &units, bool utf8) {
  if (!size_class.least_bytes) return (utf8 ? "≤" : "<=") + units.bytes(size_class.class_bytes);
  const char *dash = utf8 ? "–" : "-";
  if (units.exact) return fmt::format("{}{}{}", *size_class.least_bytes, dash, size_class.class_bytes);
  return format::bytes_range(*size_class.least_bytes, size_class.class_bytes, dash);
}

std::string size_table(const std::vector<ClassChange> &classes, double seconds, Since since,
                       const Units &units, const Paint &paint, bool utf8, int width) {
  std::vector<Column> columns = {{"CLASS"}, {"BLOCKS"}, {"LIVE"}, {"ROUNDING"}, {"ALLOCS/S"}};
  if (since == Since::kMark) columns.insert(columns.end(), {{"BLOCKS +/-"}, {"LIVE +/-"}});
  Table table(std::move(columns));
  const auto add = [&](const std::string &label, const ClassChange &each) {
    std::vector<std::string> cells = {label, units.count(each.now.live_blocks),
                                      units.bytes(each.now.live_bytes), rounding(each.now, units),
                                      per_second(each.allocations, seconds, units)};
    if (since == Since::kMark) {
      cells.push_back(units.change(each.live_blocks, false));
      cells.push_back(units.change(each.live_bytes, true));
    }
    table.add(std::move(cells));
  };
  std::vector<std::uint64_t> lengths;
  for (const ClassChange &each : classes) {
    if (each.now.live_blocks == 0 && each.allocations == 0 && each.live_blocks == 0) continue;
    add(class_label(each.now, units, utf8), each);
    lengths.push_back(each.now.live_bytes);
  }
  lengths.push_back(0);
  add("total", sum_of(classes));
  const std::string header = table.header();
  return paint.title(header) +
         with_bars(table.rows(), lengths, room_for_bars(display_width(header) - 1, width), utf8);
}

json::array sizes_json(const std::vector<ClassChange> &classes, double seconds) {
  json::array list;
  for (const ClassChange &each : classes) {
    const SizeClass &now = each.now;
    list.push_back(json::object{{"least_bytes", or_null(now.least_bytes)},
                                {"class_bytes", now.class_bytes},
                                {"live_blocks", now.live_blocks},
                                {"live_bytes", now.live_bytes},
                                {"usable_bytes", or_null(now.usable_bytes)},
                                {"allocations", now.allocations},
                                {"frees", now.frees},
                                {"live_blocks_change", each.live_blocks},
                                {"live_bytes_change", each.live_bytes},
                                {"allocations_per_second", static_cast<double>(each.allocations) / seconds}});
  }
  return list;
}

namespace {

// `brief`: counts of four letters, where whole ones do not fit.
std::string thread_rows(const ThreadList &list, const Units &units, const Paint &paint, bool brief) {
  Table table({{"TID"},
               {"NAME", Align::kLeft},
               {"ALLOCS"},
               {"FREES"},
               {"REALLOCS"},
               {"ALLOCATED"},
               {"FREED"},
               {"NET"}});
  const auto count = [&](std::uint64_t number) {
    return brief ? format::count(static_cast<double>(number)) : units.count(number);
  };
  const auto add = [&](const std::string &tid, const std::string &name, const ThreadTotals &totals) {
    table.add({tid, name, count(totals.allocations), count(totals.frees), count(totals.reallocations),
               units.bytes(totals.allocated_bytes), units.bytes(totals.freed_bytes),
               units.change(difference(totals.allocated_bytes, totals.freed_bytes), true)});
  };
  std::vector<ThreadEntry> threads = list.threads;
  std::stable_sort(threads.begin(), threads.end(), [](const ThreadEntry &a, const ThreadEntry &b) {
    return a.totals.allocated_bytes > b.totals.allocated_bytes;
  });
  ThreadTotals sum = list.exited;
  for (const ThreadEntry &each : threads) {
    add(std::to_string(each.local_tid != 0 ? each.local_tid : each.tid), printable(each.name), each.totals);
    sum += each.totals;
  }
  add("-", "(exited)", list.exited);
  add("-", "(total)", sum);
  return paint.title(table.header()) + table.rows();
}

}  // namespace

std::string thread_table(const ThreadList &list, const Units &units, const Paint &paint, int columns) {
  const std::string table = thread_rows(list, units, paint, false);
  const auto width = display_width(table.substr(table.rfind('\n', table.size() - 2) + 1)) - 1;
  return units.exact || columns == 0 || width <= static_cast<std::size_t>(columns)
             ? table
             : thread_rows(list, units, paint, true);
}

json::object threads_json(const ThreadList &list) {
  json::array threads;
  for (const ThreadEntry &each : list.threads) {
    json::object object = totals_json(each.totals);
    object["tid"] = each.tid;
    object["local_tid"] = each.local_tid != 0 ? json::value(each.local_tid) : json::value(nullptr);
    object["name"] = each.name;
    threads.push_back(std::move(object));
  }
  return {{"schema", 1},
          {"pid", list.pid},
          {"start_time", list.start_time},
          {"threads", std::move(threads)},
          {"exited", totals_json(list.exited)}};
}

}  // namespace heapmeter::cli
