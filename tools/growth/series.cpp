// SPDX-License-Identifier: MIT
#include "growth/series.h"

#include <algorithm>

namespace heapmeter::cli::growth {

bool Point::holds_as(const Point &other) const {
  return live_blocks == other.live_blocks && live_bytes == other.live_bytes &&
         allocations == other.allocations && allocated_bytes == other.allocated_bytes && lived == other.lived;
}

Point &Point::operator+=(const Point &other) {
  live_blocks += other.live_blocks;
  live_bytes += other.live_bytes;
  allocations += other.allocations;
  allocated_bytes += other.allocated_bytes;
  lived.resize(std::max(lived.size(), other.lived.size()));
  for (std::size_t at = 0; at < other.lived.size(); ++at) lived[at] += other.lived[at];
  return *this;
}

}  // namespace heapmeter::cli::growth
