// SPDX-License-Identifier: MIT
//
// How long blocks lived, by site: how many of each doubling of a millisecond, a few of which the clock may be
// late. Told of sampled blocks, each for all that it stands for; so few ever come here that all threads share
// one histogram a site, made when the first of its samples ends.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/budget.h"

namespace heapmeter::sites {

class Lifetimes {
 public:
  // Number d: less than 2^d milliseconds, and no less than half of that; the last has no end.
  static constexpr unsigned kDoublings = 32;
  static unsigned doubling(uint64_t ns) noexcept;

  // Reserves address space, once. False when there is none.
  bool map(size_t limit, uint32_t most_sites) noexcept;
  // Blocks in the units of poisson.h.
  void add(Budget &budget, uint32_t site, uint64_t ns, uint64_t blocks) noexcept;

  // For readers: of a site, kDoublings numbers of blocks; null: nothing is known.
  const uint64_t *of(uint32_t site) const noexcept;

  size_t most_rows() const noexcept { return size_t{load_whole(given_)} * kDoublings; }

  // Everything, when nobody else is within.
  void clear() noexcept;
  Memory memory() const noexcept { return {index_, index_ != nullptr ? bytes() : 0}; }
  void unmap() noexcept;

 private:
  struct Histogram {
    uint64_t blocks[kDoublings];
  };
  size_t bytes() const noexcept { return index_bytes_ + most_ * sizeof(Histogram); }
  Histogram *histogram(Budget &budget, uint32_t site) noexcept;

  uint32_t *index_ = nullptr;  // by site: the number of its histogram, from 1 on
  Histogram *histograms_ = nullptr;
  size_t index_bytes_ = 0;
  uint32_t sites_ = 0;
  uint32_t most_ = 0;
  uint32_t given_ = 0;
};

}  // namespace heapmeter::sites
