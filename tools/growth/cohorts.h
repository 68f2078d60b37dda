// SPDX-License-Identifier: MIT
//
// How many of the blocks born in the first half of the observation are still there at its end, at least.
//
// Readings say how many blocks were born and how many died between two of them, and not which ones. So every
// block that died is taken to be one of those born in the first half, as long as there are any: what is then
// left is left whichever died. Where most of what a place makes dies young, nothing can be said in this way;
// but where it is known how long those lived that died: one that lived less than the time since the first
// half is none of those born in it.
#pragma once

#include <cstdint>

#include "growth/series.h"

namespace heapmeter::cli::growth {

struct Kept {
  std::uint64_t born = 0;  // in the first half
  std::uint64_t least = 0;
  std::uint64_t spans = 0;        // between two readings of the first half, in which some were born
  std::uint64_t least_spans = 0;  // of which some are left
  std::uint64_t all_born = 0, all_died = 0;
  double samples = 0;  // of those that died in the second half, that say how long they lived
};

Kept kept(const Series &series);
// The same from how long those lived that died, samples of which are known.
Kept kept_by_lives(const Series &series);

}  // namespace heapmeter::cli::growth
