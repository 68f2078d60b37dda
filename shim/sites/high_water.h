// SPDX-License-Identifier: MIT
//
// What each site held when the process held most, without a look at all of them at every such moment: moments
// are numbered, and whoever changes counts first keeps what they were at the last one. Counts that did not
// change since say it by themselves. See books/total.h, too.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/pauses.h"
#include "sites/counts.h"

namespace heapmeter::sites {

template <typename Pauses>
struct HighWaterWith {
  // Before they change, by their only writer, for whom that moment is the last.
  HEAPMETER_INLINE static void before_change(Counts &counts, uint32_t moment) noexcept {
    if (HEAPMETER_UNLIKELY(load_whole(counts.kept.moment) != moment)) keep(counts, moment);
  }
  // Of counts that many change at once: whoever is first keeps, all of it as one. Their blocks are in units
  // of which so many bits are behind the point.
  static void before_change_of_shared(Counts &counts, uint32_t moment, unsigned bits) noexcept;

  // For who reads: what those held at that moment, or at one that came since.
  struct Held {
    uint64_t blocks, bytes;
  };
  static Held held(const Counts &counts, uint32_t moment, unsigned bits) noexcept;

 private:
  HEAPMETER_COLD static void keep(Counts &counts, uint32_t moment) noexcept;
};

using HighWater = HighWaterWith<NoPauses>;
extern template struct HighWaterWith<NoPauses>;

}  // namespace heapmeter::sites
