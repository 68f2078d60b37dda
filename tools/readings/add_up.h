// SPDX-License-Identifier: MIT
//
// Sums of what several processes say of themselves. Whoever says more than all memory bends no sum to less
// than what one of them says: it ends at the most that there is.
#pragma once

#include <cstdint>
#include <limits>

namespace heapmeter::cli {

inline void add_up(std::uint64_t &sum, std::uint64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) sum = std::numeric_limits<std::uint64_t>::max();
}

}  // namespace heapmeter::cli
