// SPDX-License-Identifier: MIT
#include "top/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "text/format.h"

namespace heapmeter::cli::tui {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

template <auto Field>
double of_reading(const Row &row) {
  return row.member.reading ? static_cast<double>((*row.member.reading).*Field) : kUnknown;
}

template <auto Field>
double of_rates(const Row &row) {
  return row.rates ? (*row.rates).*Field : kUnknown;
}

double of_pid(const Row &row) { return row.member.shown_pid(); }

double of_resident(const Row &row) {
  return row.member.resident ? static_cast<double>(*row.member.resident) : kUnknown;
}

double of_wrong(const Row &row) {
  return row.member.reading ? static_cast<double>(row.member.reading->wrong_calls()) : kUnknown;
}

std::string as_bytes(const Row &, double value, Figures figures) { return bytes_text(value, figures); }
std::string as_peak(const Row &row, double value, Figures figures) {
  const std::string middle = bytes_text(value, figures);
  if (!row.member.reading) return middle;
  const auto text = [&](std::uint64_t bytes) { return bytes_text(static_cast<double>(bytes), figures); };
  const Reading &reading = *row.member.reading;
  return (text(reading.least_peak()) == text(reading.most_peak()) ? "" : "~") + middle;
}
std::string as_growth(const Row &, double value, Figures figures) { return signed_bytes(value, figures); }
std::string as_count(const Row &, double value, Figures figures) { return count_text(value, figures); }
std::string as_number(const Row &, double value, Figures) { return fmt::format("{:.0f}", value); }
std::string as_nothing(const Row &, double, Figures) { return ""; }
std::string as_age(const Row &, double value, Figures figures) {
  return figures == Figures::kExact ? fmt::format("{:.0f}", value) : format::duration(value);
}

constexpr ListColumn kColumns[] = {
    {ColumnId::kPid, "PID", "pid", "the process", 7, 6, 0, true, of_pid, as_number},
    {ColumnId::kName, "NAME", "name", "its name", 12, 10, 0, true, nullptr, as_nothing},
    {ColumnId::kLive, "LIVE", "live", "requested bytes allocated and not yet freed", 8, 6, 1, false,
     of_reading<&Reading::live_bytes>, as_bytes},
    {ColumnId::kGrowth, "LIVE/S", "growth", "how fast live grows; negative when it shrinks", 9, 7, 3, false,
     of_rates<&Rates::live_bytes>, as_growth},
    {ColumnId::kBlocks, "BLOCKS", "blocks", "blocks allocated and not yet freed", 7, 6, 7, false,
     of_reading<&Reading::live_blocks>, as_count},
    {ColumnId::kAllocations, "ALLOC/S", "allocs", "allocations a second", 8, 7, 4, false,
     of_rates<&Rates::allocations>, as_count},
    {ColumnId::kBytes, "BYTES/S", "bytes", "bytes allocated a second, reallocations included", 8, 7, 6, false,
     of_rates<&Rates::allocated_bytes>, as_bytes},
    {ColumnId::kPeak, "PEAK", "peak", "the highest that live has been; ~: about", 8, 6, 8, false,
     of_reading<&Reading::peak_bytes>, as_peak},
    {ColumnId::kUsable, "USABLE", "usable", "bytes the allocator set aside for the live blocks", 8, 6, 10,
     false, of_reading<&Reading::usable_bytes>, as_bytes},
    {ColumnId::kResident, "RSS", "rss", "memory of the whole process, as the kernel counts it", 8, 6, 2,
     false, of_resident, as_bytes},
    {ColumnId::kThreads, "THR", "threads", "living threads that have allocated", 3, 3, 9, false,
     of_reading<&Reading::threads>, as_number},
    {ColumnId::kWrong, "WRONG", "wrong", "mismatches, wrong sizes, frees of no block", 5, 5, 11, false,
     of_wrong, as_count},
    {ColumnId::kAge, "AGE", "age", "since it started", 7, 7, 12, false, of_reading<&Reading::uptime_seconds>,
     as_age},
    {ColumnId::kTrend, "TREND", "trend", "live bytes lately, between their smallest and largest", 5, 5, 5,
     false, of_rates<&Rates::live_bytes>, as_nothing},
};

constexpr int kLeastName = 4, kWidestName = 40, kWidestTrend = 80;

int widest(const ListColumn &column, const std::vector<const Row *> &rows, Figures figures) {
  int width = figures == Figures::kUnits ? column.units_width : column.short_width;
  width = std::max(width, text_width(column.title));
  for (const Row *row : rows) width = std::max(width, text_width(cell_text(column, *row, figures)));
  return width;
}

bool flexible(ColumnId id) { return id == ColumnId::kName || id == ColumnId::kTrend; }

int total(const std::vector<PlacedColumn> &all) {
  int sum = -1;
  for (const PlacedColumn &placed : all) sum += placed.width + 1;
  return sum;
}

PlacedColumn &name_of(std::vector<PlacedColumn> &all) {
  return *std::find_if(all.begin(), all.end(),
                       [](const PlacedColumn &each) { return each.column->id == ColumnId::kName; });
}

// Those that have room, as wide as they must be: with units as long as the columns everybody asks for have
// room, then with short ones. The one that rows are sorted by stays, and takes it from the name.
std::vector<PlacedColumn> choose(int width, bool exact, ColumnId sort, const std::vector<const Row *> &rows,
                                 Figures &figures) {
  const auto measure = [&] {
    std::vector<PlacedColumn> all;
    for (const ListColumn &column : kColumns) all.push_back({&column, 0, widest(column, rows, figures)});
    return all;
  };
  const auto drop_above = [sort](std::vector<PlacedColumn> &all, int rank) {
    std::erase_if(all, [&](const PlacedColumn &placed) {
      return placed.column->rank > rank && placed.column->id != sort;
    });
  };
  constexpr int kAskedFor = 9, kHighest = 12;
  figures = exact ? Figures::kExact : Figures::kUnits;
  std::vector<PlacedColumn> all = measure();
  for (int rank = kHighest; rank > 0 && total(all) > width; --rank) {
    if (rank == kAskedFor && figures == Figures::kUnits) {
      figures = Figures::kShort;
      all = measure();
      drop_above(all, rank);
      if (total(all) <= width) break;
    }
    drop_above(all, rank - 1);
  }
  PlacedColumn &name = name_of(all);
  name.width = std::max(kLeastName, name.width - std::max(0, total(all) - width));
  // Half a number would be a wrong one.
  if (total(all) > width) std::erase_if(all, [](const PlacedColumn &each) { return each.column->rank > 0; });
  return all;
}

}  // namespace

std::string bytes_text(double amount, Figures figures) {
  if (figures == Figures::kExact) return fmt::format("{:.0f}", amount + 0.0);
  std::string text = format::bytes(amount);
  if (figures == Figures::kUnits) return text;
  text.pop_back();  // 12.3 MiB is 12.3Mi, 999 B is 999
  std::erase(text, ' ');
  return text;
}

std::string signed_bytes(double amount, Figures figures) {
  return (amount > 0 ? "+" : "") + bytes_text(amount, figures);
}

std::string count_text(double amount, Figures figures) {
  return figures == Figures::kExact ? fmt::format("{:.0f}", amount + 0.0) : format::count(amount);
}

std::span<const ListColumn> list_columns() { return kColumns; }

const ListColumn &list_column(ColumnId id) { return kColumns[static_cast<std::size_t>(id)]; }

const ListColumn *find_list_column(std::string_view name) {
  for (const ListColumn &column : kColumns) {
    if (name == column.name) return &column;
  }
  return nullptr;
}

std::string cell_text(const ListColumn &column, const Row &row, Figures figures) {
  if (column.key == nullptr || flexible(column.id)) return "";
  const double value = column.key(row);
  return std::isnan(value) ? "-" : column.text(row, value, figures);
}

bool before(const Row &a, const Row &b, const ListColumn &column, bool reverse) {
  const bool descending = column.ascending == reverse;
  if (column.key == nullptr) {
    const std::string left = a.member.name(), right = b.member.name();
    if (left != right) return descending ? right < left : left < right;
  } else {
    const double left = column.key(a), right = column.key(b);
    // Nothing known comes last either way.
    if (std::isnan(left) != std::isnan(right)) return std::isnan(right);
    if (left != right && !std::isnan(left)) return descending ? right < left : left < right;
  }
  return a.member.shown_pid() < b.member.shown_pid();
}

ListLayout layout_list(int width, bool exact, ColumnId sort, const std::vector<const Row *> &rows) {
  ListLayout layout;
  std::vector<PlacedColumn> &all = layout.columns;
  all = choose(width, exact, sort, rows, layout.figures);
  const int most_gap = static_cast<int>(all.size()) - 1;
  int spare = std::max(0, width - total(all));
  const bool wide_gaps = spare >= most_gap + 12;
  if (wide_gaps) spare -= most_gap;
  const bool trend = all.back().column->id == ColumnId::kTrend;
  int needed = 0;
  for (const Row *row : rows) needed = std::max(needed, text_width(row->member.name()) + 6);
  PlacedColumn &name = name_of(all);
  const int more = std::clamp(std::min(kWidestName, needed) - name.width, 0, trend ? spare * 2 / 3 : spare);
  name.width += more;
  if (trend) all.back().width = std::min(kWidestTrend, all.back().width + spare - more);
  int x = 0;
  for (PlacedColumn &placed : all) {
    placed.x = x;
    x += placed.width + (wide_gaps ? 2 : 1);
  }
  return layout;
}

}  // namespace heapmeter::cli::tui
