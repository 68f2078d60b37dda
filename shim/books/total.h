// SPDX-License-Identifier: MIT
//
// Live bytes of all threads together, each of which adds what it holds more, or less, when it comes to much.
//
// While it is watched, the moments at which it was higher than ever since are numbered, and the number
// changes with the bytes as one: so whoever sees the old number is before that moment, and whoever sees the
// new one behind it. A change that was noted elsewhere under the old number, and comes in here under the new
// one, may or may not be in what others make of that moment: such bytes are doubtful, and counted.
#pragma once

#include <stdint.h>

#include "base/compiler.h"
#include "base/wide.h"

namespace heapmeter {

class Total {
 public:
  static constexpr uint32_t kNoMoment = 0;

  int64_t bytes() const noexcept { return static_cast<int64_t>(load_whole(word_.low)) >> kHighestBits; }
  // Returns what it comes to. `since`: the moment under which the change was noted elsewhere, or kNoMoment.
  int64_t add(int64_t more, uint32_t since) noexcept;
  // By the only thread there is.
  void set(int64_t bytes) noexcept;

  // From now on, as long as one wishes; whether doubts are to be counted.
  void watch(bool doubts) noexcept;
  void watch_no_more() noexcept;
  bool watched() const noexcept { return moment() != kNoMoment; }
  // Number of the last; kNoMoment while nobody watches.
  HEAPMETER_INLINE uint32_t moment() const noexcept { return static_cast<uint32_t>(load_whole(word_.high)); }
  // While all that is live is known better than by bytes().
  HEAPMETER_INLINE void saw(int64_t live) noexcept {
    if (HEAPMETER_UNLIKELY(live > load_whole(highest_seen_))) rose(live);
  }

  struct Highest {
    uint64_t bytes;
    uint32_t moment;
    uint64_t doubtful_bytes;
    uint64_t ns;  // when it was, by the coarse clock; 0 where there is none
  };
  Highest highest() noexcept;

 private:
  // Bytes and the highest in 48 bits each, the moment in 32. Bytes stand topmost in their half, so that they
  // can be added to alone.
  static constexpr unsigned kHighestBits = 16;
  struct State {
    int64_t bytes, highest;
    uint32_t moment;
  };
  static State apart(Wide word) noexcept;
  static Wide together(State state) noexcept;
  static void reach(State &state, int64_t live) noexcept;
  HEAPMETER_COLD void rose(int64_t live) noexcept;
  void doubt(uint32_t moment, uint64_t bytes) noexcept;
  void reached() noexcept;

  Wide word_ = {0, 0};
  int64_t highest_seen_ = 0;  // no more than the highest, where it is watched
  uint64_t doubt_ = 0;        // KiB, below the number of their moment
  uint64_t reached_ns_ = 0;   // the last moment, a few milliseconds late as the clock is
  bool doubts_ = false;
};

}  // namespace heapmeter
