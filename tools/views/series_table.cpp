// SPDX-License-Identifier: MIT
#include "views/series_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "text/format.h"

namespace heapmeter::cli {
namespace {

struct Writing {
  const Units &units;
  bool narrow;

  std::string count(std::uint64_t amount) const {
    return narrow && !units.exact ? format::count(static_cast<double>(amount)) : units.count(amount);
  }
  std::string rate(const std::optional<Rates> &rates, double Rates::*field, bool of_bytes) const {
    if (!rates) return "-";
    const double value = (*rates).*field;
    if (units.exact) return fmt::format("{:.0f}", value + 0.0);
    return of_bytes ? format::bytes(value) : format::count(value);
  }
};

struct SeriesColumn {
  const char *title;
  std::size_t wide, narrow, exact;  // how wide it is
  int rank;                         // the highest goes first where there is no room
  std::string (*cell)(const SeriesRow &, const Writing &);
};

constexpr const char *kProcesses = "PROCS";

constexpr SeriesColumn kColumns[] = {
    {kProcesses, 5, 5, 5, 0,
     [](const SeriesRow &row, const Writing &write) { return write.count(row.processes); }},
    {"LIVE", 9, 8, 14, 0,
     [](const SeriesRow &row, const Writing &write) { return write.units.bytes(row.reading->live_bytes); }},
    {"BLOCKS", 10, 6, 10, 2,
     [](const SeriesRow &row, const Writing &write) { return write.count(row.reading->live_blocks); }},
    {"PEAK", 9, 9, 14, 4,
     [](const SeriesRow &row, const Writing &write) { return peak_cell(*row.reading, write.units); }},
    {"RSS", 9, 8, 14, 1,
     [](const SeriesRow &row, const Writing &write) {
       return row.resident ? write.units.bytes(*row.resident) : "-";
     }},
    {"LIVE/S", 10, 9, 15, 0,
     [](const SeriesRow &row, const Writing &write) {
       return write.rate(row.rates, &Rates::live_bytes, true);
     }},
    {"BYTES IN/S", 10, 10, 14, 5,
     [](const SeriesRow &row, const Writing &write) {
       return write.rate(row.rates, &Rates::allocated_bytes, true);
     }},
    {"ALLOCS/S", 8, 8, 8, 1,
     [](const SeriesRow &row, const Writing &write) {
       return write.rate(row.rates, &Rates::allocations, false);
     }},
    {"FREES/S", 8, 7, 8, 6,
     [](const SeriesRow &row, const Writing &write) { return write.rate(row.rates, &Rates::frees, false); }},
    {"REALLOCS/S", 10, 10, 10, 7,
     [](const SeriesRow &row, const Writing &write) {
       return write.rate(row.rates, &Rates::reallocations, false);
     }},
    {"WRONG", 5, 5, 5, 3,
     [](const SeriesRow &row, const Writing &write) { return write.count(row.reading->wrong_calls()); }},
};

}  // namespace

SeriesTable::SeriesTable(const Units &units, bool of_group, int width) : units_(units) {
  for (std::size_t at = 0; at < std::size(kColumns); ++at) {
    if (of_group || kColumns[at].title != kProcesses) columns_.push_back(at);
  }
  const auto needed = [&] { return display_width(header()) - 1; };
  const auto room = static_cast<std::size_t>(width);
  narrow_ = width != 0 && needed() > room;
  for (int rank = 7; width != 0 && rank > 0 && needed() > room; --rank)
    std::erase_if(columns_, [rank](std::size_t at) { return kColumns[at].rank == rank; });
}

Table SeriesTable::table() const {
  std::vector<Column> columns;
  for (const std::size_t at : columns_) {
    const SeriesColumn &each = kColumns[at];
    columns.push_back({each.title, Align::kRight,
                       units_.exact ? each.exact
                       : narrow_    ? each.narrow
                                    : each.wide});
  }
  return Table(std::move(columns));
}

std::string SeriesTable::header() const { return table().header(); }

std::string SeriesTable::row(const SeriesRow &row) const {
  Table line = table();
  std::vector<std::string> cells;
  for (const std::size_t at : columns_) cells.push_back(kColumns[at].cell(row, {units_, narrow_}));
  line.add(std::move(cells));
  return line.rows();
}

}  // namespace heapmeter::cli
