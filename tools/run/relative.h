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

struct Counters {
#define HEAPMETER_COUNTER(type, name, unit, help) std::uint64_t name = 0;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
};

struct Relative {
  Reading reading;
  // Its counts without what a fork began with; and what was live then, the parent's.
  Counters own = {};
  std::uint64_t inherited_live_bytes = 0;
  bool fork_unknown = false;  // whether there is such a part is not known
  bool from_report = true;
  bool forked = false;          // what it was when it began is its parent's
  bool became_another = false;  // by exec: these are its counts until then, and the process went on
  double age_seconds = 0;       // of a reading that is no report, before it was seen no more
  std::vector<std::string> command;
  std::string executable;                       // "" when not known
  std::optional<double> cpu_seconds;            // of all its threads
  std::uint64_t rss_peak_bytes = 0;             // 0 when not known
  std::optional<std::uint64_t> rss_file_bytes;  // of its resident memory, files' and shared

  // Of its peak, what was not its parent's when it was forked.
  std::uint64_t own_peak() const;
  double started() const;  // seconds by its monotonic clock, as are these
  double ended() const;
  // The program's file name, as far as it is known; the kernel cuts names off after 15 letters.
  std::string program() const;
};

Relative relative_of(Reading reading);
// With what a report says of the process.
Relative of_report(Reading report);

boost::json::object to_json(const Relative &relative);

}  // namespace heapmeter::cli
