// SPDX-License-Identifier: MIT
//
// The two sides of the books, what came and what went, so that what is done for both is written once.
#pragma once

#include "books/counters.h"

namespace heapmeter {

// The counters of one side, by the same names.
struct Side {
  Tally (Counters::*tally)(size_t) const noexcept;
  size_t tallies;
  Counter Cell::*bytes;
  Counter Cell::*blocks;
  Counter CoarseCell::*usable;
  Counter Counters::*extra_usable;
  Counter Counters::*all_bytes;
  Counter Counters::*all_usable;
};
inline constexpr Side kIn = {
    &Counters::tally_in,        kTalliedAllocations,       &Cell::bytes_in,
    &Cell::blocks_in,           &CoarseCell::usable_in,    &Counters::extra_usable_in,
    &Counters::allocated_bytes, &Counters::noted_usable_in};
inline constexpr Side kOut = {&Counters::tally_out,    kTalliedFrees,
                              &Cell::bytes_out,        &Cell::blocks_out,
                              &CoarseCell::usable_out, &Counters::extra_usable_out,
                              &Counters::freed_bytes,  &Counters::noted_usable_out};

}  // namespace heapmeter
