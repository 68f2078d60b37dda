// SPDX-License-Identifier: MIT
//
// One of the processes of a run, as it told of itself at its end, or as it was when it was last read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/reading.h"

namespace heapmeter::cli {

struct Relative {
  Reading reading;
  bool from_report = true;
  double age_seconds = 0;  // of a reading that is no report, before it was seen no more
  std::vector<std::string> command;
  std::string executable;                       // "" when not known
  std::optional<double> cpu_seconds;            // of all its threads
  std::uint64_t rss_peak_bytes = 0;             // 0 when not known
  std::optional<std::uint64_t> rss_file_bytes;  // of its resident memory, files' and shared

  // What it counted itself: without what a fork began with.
  std::uint64_t own(std::uint64_t Counters::*counter) const;
  // Of its peak, what was not its parent's when it was forked.
  std::uint64_t own_peak() const;
  double started() const;  // seconds by its monotonic clock, as are these
  double ended() const;
  // The program's file name, as far as it is known; the kernel cuts names off after 15 letters.
  std::string program() const;
};

Relative of_report(Reading report);

boost::json::object to_json(const Relative &relative);

}  // namespace heapmeter::cli
