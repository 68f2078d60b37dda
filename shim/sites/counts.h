// SPDX-License-Identifier: MIT
//
// What a site counts: monotonic, so that live is what came less what went. One cache line.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/counters.h"

namespace heapmeter::sites {

struct alignas(64) Counts {
  Counter blocks_in;
  Counter bytes_in;
  Counter blocks_out;
  Counter bytes_out;
  Counter moved_in;   // blocks among those in that a realloc brought: no allocations
  Counter temporary;  // freed by the very next call of their thread
  // What was live at the highest moment, if that is the one of this number; else what is live now.
  uint64_t peak_bytes;
  uint32_t peak_blocks;
  uint32_t peak;
};

}  // namespace heapmeter::sites
