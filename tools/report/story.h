// SPDX-License-Identifier: MIT
//
// A recording as a whole: the life of each process in it. However long it is, a bounded number of moments is
// kept of each life, with the highest of those that went; which code held what is kept at first, at last, and
// now and then between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/moment.h"
#include "record/recording.h"
#include "report/timeline.h"

namespace heapmeter::cli::report {

struct Point {
  std::int64_t time_ms = 0;
  std::uint64_t live_bytes = 0, usable_bytes = 0, heap_bytes = 0, rss_bytes = 0, allocations = 0,
                allocated_bytes = 0;
  // Of the time since the point before.
  std::uint64_t least_bytes = 0, most_bytes = 0;
  bool silent = false;
};

struct Life {
  record::Process process;
  std::vector<Point> points;
  std::vector<sites::Profile> takings;  // in order of time
  std::uint64_t readings = 0;
  record::Values first = {}, last = {};
  std::uint64_t least_bytes = 0, most_bytes = 0;   // live
  std::int64_t most_ms = 0, ended_ms = 0;          // 0: it had not ended when the recording did
  std::uint64_t kills = 0;                         // by the kernel for want of memory, in the moment it ended
  record::LimitKind near_kind = record::kNoLimit;  // the limit it was nearest to, ever
  std::uint64_t near_used_bytes = 0, near_limit_bytes = 0;
  std::int64_t near_ms = 0;

  std::int64_t first_ms() const { return points.front().time_ms; }
  std::int64_t last_ms() const { return points.back().time_ms; }
  double near_share() const {
    return near_limit_bytes == 0
               ? 0
               : static_cast<double>(near_used_bytes) / static_cast<double>(near_limit_bytes);
  }
  std::uint64_t wrong_calls() const;
  // "name (pid)"
  std::string label() const;
};

struct Story {
  std::string file;
  std::vector<std::string> hosts;
  std::string version;  // of who recorded last
  std::int64_t from_ms = 0, until_ms = 0, interval_ms = 0;
  std::uint64_t rounds = 0, readings = 0, file_bytes = 0, torn_bytes = 0, damaged_bytes = 0, kills = 0;
  bool being_recorded = false;
  // When the clock was set, the last times of them; how often. All times are by the clock as it stood at
  // last.
  std::vector<ClockSet> clock_sets;
  std::uint64_t times_set = 0;
  // When nobody recorded: from, until.
  std::vector<std::pair<std::int64_t, std::int64_t>> gaps;
  std::vector<Life> lives;  // each with a point at least
};

Story story_of(record::Recording &recording);

}  // namespace heapmeter::cli::report
