// SPDX-License-Identifier: MIT
//
// What a site counts: monotonic, so that live is what came less what went. One cache line.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/counters.h"

namespace heapmeter::sites {

struct alignas(64) Counts {
  // Where blocks are sampled, estimates: blocks in the units of poisson.h, and nothing is counted out.
  Counter blocks_in;
  Counter bytes_in;
  Counter blocks_out;
  Counter bytes_out;
  Counter moved_in;   // blocks among those in that a realloc brought: no allocations
  Counter temporary;  // freed by the very next call of their thread
  Counter samples;    // ever taken
};

}  // namespace heapmeter::sites
