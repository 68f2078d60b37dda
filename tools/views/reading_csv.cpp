// SPDX-License-Identifier: MIT
#include "views/reading_csv.h"

#include <vector>

#include <fmt/format.h>

#include "text/csv.h"

namespace heapmeter::cli {
namespace {

struct RateColumn {
  const char *name;
  double Rates::*value;
};
constexpr RateColumn kRateColumns[] = {
    {"interval_seconds", &Rates::interval_seconds},
    {"allocations_per_second", &Rates::allocations},
    {"frees_per_second", &Rates::frees},
    {"reallocations_per_second", &Rates::reallocations},
    {"allocated_bytes_per_second", &Rates::allocated_bytes},
    {"freed_bytes_per_second", &Rates::freed_bytes},
    {"live_bytes_per_second", &Rates::live_bytes},
};

}  // namespace

std::string csv_header(const std::vector<std::string> &more) {
  std::vector<std::string> names = {"time",           "pid",      "start_time", "name", "backend",
                                    "uptime_seconds", "rss_bytes"};
  for (const RateColumn &column : kRateColumns) names.emplace_back(column.name);
#define HEAPMETER_COUNTER(type, name, unit, help) names.emplace_back(#name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  names.insert(names.end(), more.begin(), more.end());
  return csv_line(names);
}

std::string csv_row(double time, const Reading &reading, std::optional<std::uint64_t> resident,
                    const std::optional<Rates> &rates, const std::vector<std::string> &more) {
  std::vector<std::string> values = {fmt::format("{:.3f}", time),
                                     std::to_string(reading.pid),
                                     std::to_string(reading.start_time),
                                     reading.name,
                                     reading.backend,
                                     fmt::format("{}", reading.uptime_seconds),
                                     resident ? std::to_string(*resident) : ""};
  for (const RateColumn &column : kRateColumns)
    values.push_back(rates ? fmt::format("{}", (*rates).*column.value) : "");
#define HEAPMETER_COUNTER(type, name, unit, help) values.push_back(std::to_string(reading.name));
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  values.insert(values.end(), more.begin(), more.end());
  return csv_line(values);
}

}  // namespace heapmeter::cli
