// SPDX-License-Identifier: MIT
//
// What happened between two readings of one process, a second; pure.
#pragma once

#include <optional>

#include <boost/json/object.hpp>

#include "readings/reading.h"

namespace heapmeter::cli {

struct Rates {
  double interval_seconds = 0;
  double allocations = 0, frees = 0, reallocations = 0, allocated_bytes = 0, freed_bytes = 0;
  double live_bytes = 0;  // may be negative
};

// Whether the later reading goes on from the earlier: not when another process, or a program started by exec,
// began to count anew. That is known from counting_since_ns; where an older library does not say it, from
// totals that are smaller than they were.
bool goes_on(const Reading &earlier, const Reading &later);

// Empty when it does not, or when no time is between.
std::optional<Rates> rates_between(const Reading &earlier, const Reading &later);

boost::json::object to_json(const Rates &rates);

}  // namespace heapmeter::cli
