// SPDX-License-Identifier: MIT
#include "readings/rates.h"

namespace heapmeter::cli {

namespace {

bool knows_its_start(const Reading &reading) { return reading.counting_since_ns != 0; }

bool kinds_grown(const std::vector<KindCount> &earlier, const std::vector<KindCount> &later) {
  if (earlier.size() != later.size()) return false;
  for (std::size_t at = 0; at < later.size(); ++at) {
    if (later[at].count < earlier[at].count) return false;
  }
  return true;
}

}  // namespace

bool goes_on(const Reading &earlier, const Reading &later) {
  const bool same = earlier.pid == later.pid && earlier.start_time == later.start_time;
  if (knows_its_start(earlier) && knows_its_start(later)) {
    return same && earlier.counting_since_ns == later.counting_since_ns &&
           later.monotonic_ns >= earlier.monotonic_ns;
  }
  // Totals only grow: smaller ones are a new program's in the same process.
  const bool grown = later.allocations >= earlier.allocations && later.frees >= earlier.frees &&
                     later.allocated_bytes >= earlier.allocated_bytes &&
                     kinds_grown(earlier.allocations_by_kind, later.allocations_by_kind) &&
                     kinds_grown(earlier.frees_by_kind, later.frees_by_kind);
  return same && grown && later.monotonic_ns >= earlier.monotonic_ns;
}

std::optional<Rates> rates_between(const Reading &earlier, const Reading &later) {
  if (!goes_on(earlier, later) || later.monotonic_ns == earlier.monotonic_ns) return std::nullopt;
  Rates rates;
  rates.interval_seconds = static_cast<double>(later.monotonic_ns - earlier.monotonic_ns) / 1e9;
  const auto rate = [&](std::uint64_t Reading::*total) {
    return (static_cast<double>(later.*total) - static_cast<double>(earlier.*total)) / rates.interval_seconds;
  };
  rates.allocations = rate(&Reading::allocations);
  rates.frees = rate(&Reading::frees);
  rates.reallocations = rate(&Reading::reallocations);
  rates.allocated_bytes = rate(&Reading::allocated_bytes);
  rates.freed_bytes = rate(&Reading::freed_bytes);
  rates.live_bytes = rate(&Reading::live_bytes);
  return rates;
}

boost::json::object to_json(const Rates &rates) {
  return {{"interval_seconds", rates.interval_seconds},
          {"allocations", rates.allocations},
          {"frees", rates.frees},
          {"reallocations", rates.reallocations},
          {"allocated_bytes", rates.allocated_bytes},
          {"freed_bytes", rates.freed_bytes},
          {"live_bytes", rates.live_bytes}};
}

}  // namespace heapmeter::cli
