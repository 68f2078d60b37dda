// SPDX-License-Identifier: MIT
//
// What each site held when the process held most, without a look at all of them at every peak: peaks are
// numbered, and whoever changes counts first keeps what they were at the last one. Counts that did not change
// since say it by themselves.
//
// A peak is a moment after which something went; while all only grows it is the same one, further up.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/counts.h"

namespace heapmeter::sites {

class HighWater {
 public:
  // The process holds so many bytes, all that sites counted so far among them.
  HEAPMETER_INLINE void saw(int64_t bytes) noexcept {
    if (HEAPMETER_UNLIKELY(bytes > load_whole(bytes_))) rose(bytes);
  }
  // Before they change, by their only writer.
  HEAPMETER_INLINE void before_change(Counts &counts) noexcept {
    const uint32_t now = load_whole(number_);
    if (HEAPMETER_UNLIKELY(load_whole(counts.peak) != now)) keep(counts, now);
  }
  // Of counts that many change at once: one of them keeps, and what others do meanwhile may be in it or not.
  // Their blocks are in units of which so many bits are behind the point.
  void before_change_of_shared(Counts &counts, unsigned bits) noexcept;

  int64_t bytes() const noexcept { return load_whole(bytes_); }
  uint32_t number() const noexcept { return __atomic_load_n(&number_, __ATOMIC_ACQUIRE); }
  // For who reads: what those held at the peak of that number, or at one that came since.
  struct Held {
    uint64_t blocks, bytes;
  };
  static Held held(const Counts &counts, uint32_t number, unsigned bits) noexcept;

  void clear() noexcept;

 private:
  HEAPMETER_COLD void rose(int64_t bytes) noexcept;
  HEAPMETER_COLD void keep(Counts &counts, uint32_t now) noexcept;

  int64_t bytes_ = 0;
  uint32_t number_ = 1;  // counts start with 0, which is none
  uint32_t kept_ = 0;    // of which peak anything was
};

}  // namespace heapmeter::sites
