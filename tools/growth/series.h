// SPDX-License-Identifier: MIT
//
// The readings of one place in the code: what it held, and had allocated by then.
#pragma once

#include <cstdint>
#include <vector>

namespace heapmeter::cli::growth {

struct Point {
  double seconds = 0;  // since the first reading
  std::uint64_t live_blocks = 0, live_bytes = 0, allocations = 0;
};

// In order of time.
using Series = std::vector<Point>;

}  // namespace heapmeter::cli::growth
