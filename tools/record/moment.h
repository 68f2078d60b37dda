// SPDX-License-Identifier: MIT
//
// What a recording is made of: moments, in each of which a row of figures for each process, and now and then
// which code held what.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "sites/profile.h"

namespace heapmeter::cli::record {

enum Column : unsigned {
#define HEAPMETER_COLUMN(name, unit) k_##name,
#include "record/columns.def"
#undef HEAPMETER_COLUMN
  kColumns
};

// most_live_bytes: the highest live_bytes of the readings that were here and are no more; 0 when none is
// missing. heap_bytes: resident memory of the heap, of the last time it was counted; 0 when it never was.
using Values = std::array<std::uint64_t, kColumns>;

enum State : std::uint64_t {
  kAnswering,
  kSilent,  // it lives, and its counters are those of the last answer
  kEnded,   // it is no more, and all figures are those of the last answer
  kStates
};

// What may end it for want of memory, the one it is nearest to.
enum LimitKind : std::uint64_t { kNoLimit, kGroup, kAddressSpace, kDataSize, kMachine, kLimitKinds };

struct Process {
  int pid = 0;        // as the reader sees it; its own when it is not seen
  int inner_pid = 0;  // its own
  int parent = 0;
  std::uint64_t start_time = 0, counting_since_ns = 0;
  std::int64_t started_ms = 0;  // since 1970: when it began to count
  std::string name, command, backend, group;

  // A program in a process: exec begins another one.
  using Key = std::tuple<int, int, std::uint64_t, std::uint64_t>;
  Key key() const { return {pid, inner_pid, start_time, counting_since_ns}; }
};

struct Row {
  std::uint32_t process = 0;
  Values values = {};
};

struct Round {
  std::int64_t time_ms = 0;     // since 1970
  bool urgent = false;          // one of them was near a limit
  bool resumed = false;         // the first after a while in which nobody recorded
  std::uint64_t oom_kills = 0;  // by the kernel, anywhere on the machine, since the round before
  std::vector<Row> rows;        // by process
  // When the machine booted, by the same clock: another time within one boot, and the clock was set. None in
  // old recordings.
  std::optional<std::int64_t> booted_ms = {};
};

struct Taking {
  std::uint32_t process = 0;
  sites::Profile profile;  // what holds most, the rest summed up in left_out
};

// What follows can be read without what comes before it.
struct Segment {
  std::int64_t time_ms = 0, interval_ms = 0;
  std::string boot_id, host, version;
};

// What is written at once.
struct Frame {
  std::optional<Segment> segment;
  std::optional<Round> round;
  std::vector<Taking> takings;
};

}  // namespace heapmeter::cli::record
