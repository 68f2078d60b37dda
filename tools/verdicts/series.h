// SPDX-License-Identifier: MIT
//
// The readings of one process over time, as far as verdicts need them, in a bounded number of moments: when
// there are too many, neighbours become one. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "readings/reading.h"

namespace heapmeter::cli::verdicts {

struct Moment {
  double seconds = 0;  // of any clock that only goes forward, as long as it is always the same
  std::uint64_t live_bytes = 0;
  // Since the moment before; as live_bytes where nothing else is known.
  std::uint64_t least_bytes = 0, most_bytes = 0;
  std::optional<std::uint64_t> resident_bytes = {};
  // Of that, what is neither files' nor shared; and of this, what neither blocks nor the meter account for.
  std::optional<std::uint64_t> anonymous_bytes = {}, beside_bytes = {};
};

inline Moment moment(double seconds, std::uint64_t live, std::optional<std::uint64_t> resident = {}) {
  return {seconds, live, live, live, resident, {}, {}};
}

inline Moment moment(double seconds, const Reading &reading, std::optional<std::uint64_t> resident,
                     std::optional<std::uint64_t> anonymous) {
  Moment made = moment(seconds, reading.live_bytes, resident);
  if (!anonymous) return made;
  made.anonymous_bytes = anonymous;
  made.beside_bytes = *anonymous - std::min(*anonymous, reading.usable_bytes + reading.meter_bytes);
  return made;
}

// In order of time.
using Series = std::vector<Moment>;

class Watched {
 public:
  void add(const Moment &moment);
  // A program that begins to count anew, by exec or in another process, begins a new series.
  void add(const Reading &reading, std::optional<std::uint64_t> resident,
           std::optional<std::uint64_t> anonymous = {});

  const Series &series() const { return series_; }

 private:
  Series series_;
  std::optional<Reading> before_;
};

}  // namespace heapmeter::cli::verdicts
