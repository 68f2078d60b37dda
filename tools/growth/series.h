// SPDX-License-Identifier: MIT
//
// The readings of one place in the code: what it held, and had allocated by then.
#pragma once

#include <cstdint>
#include <vector>

namespace heapmeter::cli::growth {

struct Point {
  double seconds = 0;  // since the first reading
  std::uint64_t live_blocks = 0, live_bytes = 0, allocations = 0, allocated_bytes = 0;
  // Of those that died by then, by the doublings of a millisecond that they lived: number d less than 2^d,
  // and no less than half of that; estimates, as long as the last that is not 0.
  std::vector<std::uint64_t> lived = {};

  bool holds_as(const Point &other) const;  // whenever that was
  // What another place, or another process, held at the same time.
  Point &operator+=(const Point &other);
};

// In order of time.
using Series = std::vector<Point>;

}  // namespace heapmeter::cli::growth
