// SPDX-License-Identifier: MIT
//
// Names for the code in a recording, by paths and build-ids: the machine it was recorded on may be another.
#pragma once

#include <cstdint>

#include "report/text_view.h"

namespace heapmeter::cli::report {

// How many frames one command names: of a taking of 64 KiB there may be sixteen million, as of any page, and
// a recording has many. A day of fifty processes has less than one.
inline constexpr std::uint64_t kMostFramesNamed = 8u << 20;

// `room`: how many frames may yet be named, of all lives together.
CodeOfLife named_code(const Life &life, const Course &course, bool utf8, std::uint64_t &room);

// The code that held most, over the time of a life: an amount for each moment.
struct CodeOverTime {
  std::vector<std::int64_t> times_ms;
  std::vector<std::string> names;
  std::vector<std::vector<std::uint64_t>> live_bytes;  // of each name, at each time
  std::vector<std::uint64_t> others;                   // at each time
  bool too_long = false;  // nothing is told: its stacks have more frames than room
};
CodeOverTime code_over_time(const Life &life, std::size_t most_names, bool utf8, std::uint64_t &room);

}  // namespace heapmeter::cli::report
