// SPDX-License-Identifier: MIT
//
// Blocks of which it is asked who points at them: those of some call stacks, or of some sizes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "leaks/heap_sort.h"

namespace heapmeter::leaks {

struct Wanted {
  static constexpr size_t kMostLeaves = 1000;

  uint32_t leaves[kMostLeaves];  // in order
  size_t leaf_count;             // 0: by size
  bool apart;                    // it is asked of each leaf by itself
  uint64_t least, most;

  void sort() noexcept {
    heap_sort(leaves, leaf_count, [](uint32_t a, uint32_t b) { return a < b; });
  }
  bool has(uint32_t leaf, uint64_t size) const noexcept {
    if (leaf_count == 0) return size >= least && size <= most;
    size_t from = 0;
    for (size_t until = leaf_count; until - from > 1;) {
      const size_t middle = (from + until) / 2;
      (leaves[middle] <= leaf ? from : until) = middle;
    }
    return leaves[from] == leaf;
  }
};

}  // namespace heapmeter::leaks
