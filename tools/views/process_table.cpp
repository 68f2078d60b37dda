// SPDX-License-Identifier: MIT
#include "views/process_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "readings/sampling.h"
#include "text/fit.h"
#include "text/format.h"
#include "text/table.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr int kLeastCommand = 16;
constexpr std::size_t kMostRows = 8;

std::string growth_text(const std::optional<Rates> &rates, const Units &units) {
  if (!rates) return "-";
  const double growth = rates->live_bytes;
  if (units.exact) return fmt::format("{:+.0f}", growth + 0.0);
  if (std::fabs(growth) < 0.5) return "0 B/s";
  return (growth > 0 ? "+" : "") + format::bytes(growth) + "/s";
}

std::string rate_text(const std::optional<Rates> &rates, const Units &units) {
  if (!rates) return "-";
  return units.exact ? fmt::format("{:.0f}", rates->allocations + 0.0) : format::count(rates->allocations);
}

double of_growth(const Member &member) {
  const auto rates = member.rates();
  return rates ? rates->live_bytes : kUnknown;
}
double of_allocations(const Member &member) {
  const auto rates = member.rates();
  return rates ? rates->allocations : kUnknown;
}
template <auto Field>
double of_reading(const Member &member) {
  return member.reading ? static_cast<double>((*member.reading).*Field) : kUnknown;
}
double of_resident(const Member &member) {
  return member.resident ? static_cast<double>(*member.resident) : kUnknown;
}
double of_pid(const Member &member) { return member.shown_pid(); }

std::string name_text(const ProcessLine &line) {
  const Member &member = *line.member;
  std::string name = line.branch;
  if (member.reading && attributes_every(*member.reading)) name += kEverySign;
  name += printable(member.name());
  return member.reading ? name : name + " (" + printable(member.complaint) + ")";
}

template <typename Text>
std::string of_read(const Member &member, Text text) {
  return member.reading ? text(*member.reading) : "-";
}

using Cell = std::string (*)(const ProcessLine &, const Units &);
using SumCell = std::string (*)(const GroupSum &, const Units &);

struct ProcessColumn {
  const char *title, *order;
  int rank;  // the highest goes first where there is no room; 0 stays
  Align align;
  double (*key)(const Member &);  // null: not a number
  Cell cell;
  SumCell sum;  // null: has none
};

std::string pid_cell(const ProcessLine &line, const Units &) {
  return std::to_string(line.member->shown_pid());
}
std::string name_cell(const ProcessLine &line, const Units &) { return name_text(line); }
std::string age_cell(const ProcessLine &line, const Units &units) {
  return of_read(*line.member, [&](const Reading &reading) {
    return units.exact ? fmt::format("{:.0f}", reading.uptime_seconds)
                       : format::duration(reading.uptime_seconds);
  });
}
template <auto Field>
std::string bytes_cell(const ProcessLine &line, const Units &units) {
  return of_read(*line.member, [&](const Reading &reading) { return units.bytes(reading.*Field); });
}
std::string blocks_cell(const ProcessLine &line, const Units &units) {
  return of_read(*line.member, [&](const Reading &reading) { return units.count(reading.live_blocks); });
}
std::string growth_cell(const ProcessLine &line, const Units &units) {
  return growth_text(line.member->rates(), units);
}
std::string rate_cell(const ProcessLine &line, const Units &units) {
  return rate_text(line.member->rates(), units);
}
std::string resident_cell(const ProcessLine &line, const Units &units) {
  return line.member->resident ? units.bytes(*line.member->resident) : "-";
}
std::string container_cell(const ProcessLine &line, const Units &) {
  return line.container.empty() ? "-" : printable(line.container);
}
// Of the path of its program only the end, which tells it from others.
std::string command_cell(const ProcessLine &line, const Units &) {
  const std::size_t slash = line.command.rfind('/', line.command.find(' '));
  const std::string command = slash == line.command.npos ? line.command : line.command.substr(slash + 1);
  return command.empty() ? "-" : printable(command);
}

constexpr ProcessColumn kColumns[] = {
    {"PID", "pid", 0, Align::kRight, of_pid, pid_cell, nullptr},
    {"NAME", "name", 0, Align::kLeft, nullptr, name_cell,
     [](const GroupSum &sum, const Units &) { return format::counted(sum.processes, "process"); }},
    {"AGE", "age", 3, Align::kRight, of_reading<&Reading::uptime_seconds>, age_cell, nullptr},
    {"LIVE", "live", 0, Align::kRight, of_reading<&Reading::live_bytes>, bytes_cell<&Reading::live_bytes>,
     [](const GroupSum &sum, const Units &units) { return units.bytes(sum.live_bytes); }},
    {"GROWTH", "growth", 1, Align::kRight, of_growth, growth_cell,
     [](const GroupSum &sum, const Units &units) { return growth_text(sum.rates, units); }},
    {"BLOCKS", "blocks", 6, Align::kRight, of_reading<&Reading::live_blocks>, blocks_cell,
     [](const GroupSum &sum, const Units &units) { return units.count(sum.live_blocks); }},
    {"PEAK", "peak", 5, Align::kRight, of_reading<&Reading::peak_bytes>,
     [](const ProcessLine &line, const Units &units) {
       return of_read(*line.member, [&](const Reading &reading) { return peak_cell(reading, units); });
     },
     nullptr},
    {"ALLOCS/S", "allocs", 4, Align::kRight, of_allocations, rate_cell,
     [](const GroupSum &sum, const Units &units) { return rate_text(sum.rates, units); }},
    {"RSS", "rss", 1, Align::kRight, of_resident, resident_cell,
     [](const GroupSum &sum, const Units &units) { return units.bytes(sum.resident_bytes); }},
    {"CONTAINER", nullptr, 2, Align::kLeft, nullptr, container_cell, nullptr},
    {"COMMAND", nullptr, 0, Align::kLeft, nullptr, command_cell, nullptr},
};

std::string title_of(const ProcessColumn &column, const Units &units) {
  return units.exact && std::string_view(column.title) == "AGE" ? "AGE(S)" : column.title;
}

// The last column is as long as it likes, and is cut off where the line has an end.
std::string fitted(const Table &table, const Look &look) {
  return look.paint.title(cut_lines(table.header(), look.width, look.utf8)) +
         cut_lines(table.rows(), look.width, look.utf8);
}

std::size_t widest_line(const std::string &text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    widest = std::max(widest, display_width(text.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

// The rows under these columns; `others` is one for those that have none of their own.
Table filled(const std::vector<const ProcessColumn *> &columns, const std::vector<ProcessLine> &lines,
             const GroupSum *sum, const GroupSum *others, const Units &units) {
  std::vector<Column> titles;
  for (const ProcessColumn *each : columns) titles.push_back({title_of(*each, units), each->align});
  Table table(std::move(titles));
  for (const ProcessLine &line : lines) {
    std::vector<std::string> cells;
    for (const ProcessColumn *each : columns) cells.push_back(each->cell(line, units));
    table.add(std::move(cells));
  }
  const auto add_sum = [&](const GroupSum &of, const std::string &name) {
    std::vector<std::string> cells;
    for (const ProcessColumn *each : columns) {
      const bool is_name = each->cell == name_cell;
      cells.push_back(is_name ? name : each->sum == nullptr ? "" : each->sum(of, units));
    }
    table.add(std::move(cells));
  };
  const auto counted = [](std::size_t number, const char *one, const char *several) {
    return number == 1 ? std::string(one) : fmt::format("{} {}", format::grouped(number), several);
  };
  if (others != nullptr) add_sum(*others, counted(others->processes, "1 other", "others"));
  if (sum != nullptr) add_sum(*sum, counted(sum->processes, "1 process", "processes"));
  return table;
}

std::string table_text(const std::vector<ProcessLine> &lines, const GroupSum *sum, const GroupSum *others,
                       const Look &look) {
  const bool contained = std::any_of(lines.begin(), lines.end(),
                                     [](const ProcessLine &line) { return !line.container.empty(); });
  std::vector<const ProcessColumn *> columns;
  for (const ProcessColumn &each : kColumns) {
    if (contained || each.cell != container_cell) columns.push_back(&each);
  }
  // Without the commands, which take what is left.
  const auto width = [&] {
    const std::vector<const ProcessColumn *> rest(columns.begin(), columns.end() - 1);
    const Table table = filled(rest, lines, sum, others, look.units);
    return static_cast<int>(widest_line(table.header() + table.rows()));
  };
  for (int rank = 6; look.width != 0 && rank > 0 && width() + 2 + kLeastCommand > look.width; --rank)
    std::erase_if(columns, [rank](const ProcessColumn *each) { return each->rank == rank; });
  const Table table = filled(columns, lines, sum, others, look.units);
  return fitted(table, look);
}

std::vector<const Member *> members_of(const std::vector<ProcessLine> &lines) {
  std::vector<const Member *> members;
  for (const ProcessLine &line : lines) members.push_back(line.member);
  return members;
}

std::string in_one(const Member *member, double amount, double sum) {
  if (member == nullptr) return "";
  const bool all = amount >= 0.995 * sum;
  return fmt::format(" ({} in {})", all ? "all" : format::percent(amount, sum), member->shown_pid());
}

}  // namespace

std::vector<std::string> process_orders() {
  std::vector<std::string> orders;
  for (const ProcessColumn &each : kColumns) {
    if (each.order != nullptr) orders.emplace_back(each.order);
  }
  return orders;
}

void sort_processes(std::vector<ProcessLine> &lines, std::string_view order) {
  const auto column = std::find_if(std::begin(kColumns), std::end(kColumns), [&](const ProcessColumn &each) {
    return each.order != nullptr && order == each.order;
  });
  if (column == std::end(kColumns)) return;
  const bool ascending = column->cell == pid_cell;
  std::stable_sort(lines.begin(), lines.end(), [&](const ProcessLine &a, const ProcessLine &b) {
    if (column->key == nullptr) return a.member->name() < b.member->name();
    const double left = column->key(*a.member), right = column->key(*b.member);
    if (std::isnan(left) || std::isnan(right)) return !std::isnan(left) && std::isnan(right);
    return ascending ? left < right : left > right;
  });
}

std::string process_table(const std::vector<ProcessLine> &lines, const Look &look) {
  const GroupSum sum = sum_of(members_of(lines));
  return table_text(lines, lines.size() > 1 ? &sum : nullptr, nullptr, look);
}

std::string group_heading(const std::string &label, const std::vector<const Member *> &members,
                          const Look &look) {
  const GroupSum sum = sum_of(members);
  const Member *largest = largest_of(members), *fastest = fastest_of(members);
  std::string text;
  int used = 0;
  // In pieces that stay whole: what has no room begins a line of its own.
  const auto add = [&](const std::string &piece, const std::string &painted) {
    const int width = static_cast<int>(display_width(piece));
    const bool fits = look.width == 0 || used + 2 + width <= look.width;
    if (!text.empty()) text += fits ? "  " : "\n  ";
    used = text.empty() ? width : fits ? used + 2 + width : 2 + width;
    text += painted;
  };
  const auto plain = [&](const std::string &piece) { add(piece, piece); };
  const std::string name =
      look.width == 0 ? printable(label) : cut_lines(printable(label), look.width, look.utf8);
  add(name, look.paint.title(name));
  std::string live = "live " + look.units.bytes(sum.live_bytes);
  if (largest != nullptr) {
    live += in_one(largest, static_cast<double>(largest->reading->live_bytes),
                   static_cast<double>(sum.live_bytes));
  }
  plain(live);
  std::string growth = "growth " + growth_text(sum.rates, look.units);
  if (fastest != nullptr) {
    // More than all together grow, where others shrink.
    const double most = of_growth(*fastest), all = sum.rates->live_bytes;
    growth += most > 1.005 * all ? fmt::format(" ({} in {})", growth_text(fastest->rates(), look.units),
                                               fastest->shown_pid())
                                 : in_one(fastest, most, all);
  }
  plain(growth);
  plain("RSS " + look.units.bytes(sum.resident_bytes));
  const auto alarm = [&](const std::string &piece) { add(piece, look.paint.alarm(piece)); };
  if (sum.wrong_calls > 0) alarm(format::counted(sum.wrong_calls, "wrong call"));
  if (sum.answering < sum.processes) alarm(fmt::format("{} not answering", sum.processes - sum.answering));
  return text + "\n";
}

std::string group_rows(const std::vector<ProcessLine> &lines, const Look &look) {
  const Folded folded = fold(members_of(lines), kMostRows);
  std::vector<ProcessLine> shown;
  for (const Member *each : folded.shown) {
    shown.push_back(*std::find_if(lines.begin(), lines.end(),
                                  [&](const ProcessLine &line) { return line.member == each; }));
  }
  const GroupSum others = sum_of(folded.folded);
  return table_text(shown, nullptr, folded.folded.empty() ? nullptr : &others, look);
}

std::string group_table(const std::string &label, const std::vector<ProcessLine> &lines, const Look &look) {
  return group_heading(label, members_of(lines), look) + group_rows(lines, look);
}

std::string groups_table(const std::vector<NamedGroup> &groups, const Look &look) {
  Table table({{"PROCESSES"},
               {"NAME", Align::kLeft},
               {"LIVE"},
               {"GROWTH"},
               {"ALLOCS/S"},
               {"RSS"},
               {"MOST OF IT IN", Align::kLeft}});
  for (const NamedGroup &each : groups) {
    const GroupSum sum = sum_of(each.members);
    const Member *largest = largest_of(each.members);
    std::string most = "-";
    if (largest != nullptr)
      most = fmt::format("{} ({})", largest->shown_pid(), look.units.bytes(largest->reading->live_bytes));
    table.add({look.units.count(sum.processes), printable(each.name), look.units.bytes(sum.live_bytes),
               growth_text(sum.rates, look.units), rate_text(sum.rates, look.units),
               look.units.bytes(sum.resident_bytes), most});
  }
  return fitted(table, look);
}

}  // namespace heapmeter::cli
