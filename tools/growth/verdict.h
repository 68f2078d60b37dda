// SPDX-License-Identifier: MIT
//
// Whether a place in the code keeps what it makes, and grows by it.
//
// A trend alone misleads: a pool that warms up and a cache that fills rise, too. So what was born in the
// first half must still be there at the end: nine of ten at least, from four of five spans of time at least;
// or part of it, where samples say that those which died since were younger. A cache that is not full yet,
// and blocks that live several times as long as was watched, look the same; whoever tells of a verdict says
// so.
#pragma once

#include <vector>

#include "growth/cohorts.h"
#include "growth/series.h"
#include "growth/statistics.h"

namespace heapmeter::cli::growth {

enum class Finding {
  kNone,           // it does not grow
  kTooFew,         // it may, but too few blocks, or readings, to tell
  kGrows,          // it grows, and some of what it makes dies: which, readings do not say
  kHeldAndGrowing  // and what it made is held
};

struct Verdict {
  Finding finding = Finding::kNone;
  Kept kept;
  Slope bytes;        // a second
  double chance = 1;  // of a rise like that
};

inline constexpr std::size_t kLeastReadings = 8;

// One for each series. All of as many readings.
std::vector<Verdict> verdicts(const std::vector<Series> &all);

}  // namespace heapmeter::cli::growth
