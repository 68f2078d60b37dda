// SPDX-License-Identifier: MIT
//
// What a slot's thread had counted when two readings met it at rest: its thousands of counters are not summed
// again until it counts.
//
// Whether it counted since is told by words that every call changes anyway. What was ever taken from the
// bytes up to the next sample grows with each allocation of any bytes; the live bytes of the marks fall with
// each free of any bytes while nothing is allocated; calls of no bytes, and all without a tally, have
// counters that only grow. A call that is half counted at that moment is told by the sums: what was taken are
// all bytes ever allocated, and the live bytes are those of the marks, or nothing is kept.
#pragma once

#include "books/side_sum.h"

namespace heapmeter {

struct Activity {
  uint64_t calls;  // those counters together
  uint64_t until_sample;
  uint64_t granted;
  uint64_t mark;
  uint64_t reserve;
  uint64_t headroom;

  bool operator==(const Activity &) const noexcept = default;
};

// Written by one reading at a time.
struct alignas(64) AtRest {
  bool there;
  Activity then;  // as the last reading found it
  FreedSum freed;
  AllocatedSum allocated;
};

}  // namespace heapmeter
