// SPDX-License-Identifier: MIT
//
// Blocks of which it is asked who points at them: those of some call stacks, or of some sizes.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::leaks {

struct Wanted {
  static constexpr size_t kMostLeaves = 1000;

  uint32_t leaves[kMostLeaves];
  size_t leaf_count;  // 0: by size
  uint64_t least, most;

  bool has(uint32_t leaf, uint64_t size) const noexcept {
    if (leaf_count == 0) return size >= least && size <= most;
    for (size_t at = 0; at < leaf_count; ++at) {
      if (leaves[at] == leaf) return true;
    }
    return false;
  }
};

}  // namespace heapmeter::leaks
