// SPDX-License-Identifier: MIT
//
// One snapshot of one process, from the JSON of /v1/snapshot. Its fields are the expansion of counters.def;
// a library older than the tool leaves newer ones at 0, one that is newer has its extra numbers in `fields`.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "client/client.h"
#include "readings/add_up.h"

namespace heapmeter::cli {

struct Fault {
  std::string fault, allocated_by, released_by;
  std::uint64_t bytes = 0, count = 0;
};

struct KindCount {
  std::string kind;
  std::uint64_t count = 0;
};

struct Reading {
  std::string version, name, backend;
  std::string sampling;  // off, every, or the mean bytes between two samples; empty of an older library
  int pid = 0, parent_pid = 0;
  std::uint64_t start_time = 0, monotonic_ns = 0;
  // By the same clock, for this program: exec begins anew, a fork goes on. 0 of an older library.
  std::uint64_t counting_since_ns = 0;
  double uptime_seconds = 0;
#define HEAPMETER_COUNTER(type, name, unit, help) std::uint64_t name = 0;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  std::vector<KindCount> allocations_by_kind, frees_by_kind;
  std::vector<Fault> faults;
  boost::json::object fields;  // as they came, with those only a newer library has

  std::uint64_t wrong_calls() const {
    std::uint64_t sum = mismatches;
    for (const std::uint64_t more : {size_mismatches, double_frees, foreign_frees, inner_frees})
      add_up(sum, more);
    return sum;
  }
  // What the highest live bytes were, at least and at most: the same where that is known exactly.
  std::uint64_t least_peak() const { return peak_bytes - std::min(peak_bytes, peak_error_bytes); }
  std::uint64_t most_peak() const { return peak_bytes + std::min(~peak_bytes, peak_error_bytes); }
};

// Throws NoAnswer (kStrange) when the text is not a snapshot.
Reading parse_reading(std::string_view json);
Reading reading_of(const boost::json::object &snapshot);
Reading take_reading(const Endpoint &endpoint, Deadline deadline);

}  // namespace heapmeter::cli
