// SPDX-License-Identifier: MIT
//
// What a site counts: monotonic, so that live is what came less what went; and what it held at the last peak.
// One cache line.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/wide.h"
#include "books/counters.h"

namespace heapmeter::sites {

// See high_water.h. Whole blocks, of one writer, who may hold less than none: 2^31 at most.
struct Kept {
  uint64_t bytes;
  uint32_t blocks;
  uint32_t moment;  // 0: nothing was kept

  static Kept from(Wide wide) noexcept {
    return {wide.low, static_cast<uint32_t>(wide.high), static_cast<uint32_t>(wide.high >> 32)};
  }
  Wide as_one() const noexcept { return {bytes, uint64_t{moment} << 32 | blocks}; }
};

struct alignas(64) Counts {
  // Where blocks are sampled, estimates: blocks in the units of poisson.h.
  Counter blocks_in;
  Counter bytes_in;
  Counter blocks_out;
  Counter bytes_out;
  Counter moved_in;  // blocks among those in that a realloc brought: no allocations
  union {
    Counter temporary;  // freed by the very next call of their thread
    Counter samples;    // ever taken, where blocks are sampled
  };
  union {
    Kept kept;
    Wide kept_as_one;
  };
};
static_assert(sizeof(Counts) == 64);

}  // namespace heapmeter::sites
