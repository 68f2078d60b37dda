// SPDX-License-Identifier: MIT
//
// Reads processes every few seconds into a file, until it is told to end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <signal.h>

#include "readings/census.h"
#include "record/encoder.h"
#include "record/limits.h"
#include "record/pace.h"
#include "record/recording_file.h"

namespace heapmeter::cli::record {

struct Plan {
  // Pids, names, patterns of names, paths of sockets; all processes when there are none.
  std::vector<std::string> targets;
  double interval_seconds = 10;
  double duration_seconds = 0;  // 0: until it is told
  std::uint64_t most_bytes = 0;
};

bool is_meant(const Member &member, const std::vector<std::string> &targets);

class Recorder {
 public:
  Recorder(RecordingFile &file, const Plan &plan) : file_(file), plan_(plan), pace_(plan.interval_seconds) {}

  // Until one of these signals, which are blocked, comes, the time is up, or all processes that were named by
  // their pids have ended.
  void run(const sigset_t &ending);

  // In the file; and those for which there was no room.
  std::uint64_t readings() const { return readings_; }
  std::uint64_t lost_readings() const { return lost_readings_; }
  std::size_t processes() const { return next_; }
  // Of the file's bytes at the beginning, how many were thinned out since; how often.
  int thinned() const { return thinned_; }

 private:
  struct Watched {
    std::uint32_t number = 0;
    Process process;
    Values values = {};
    SitesPace sites;
    double seen = 0, share = 0, heap_counted = -1;
  };

  // How long to wait until the next.
  enum class Turn { kOneOfMany, kLast };
  double read_all(double now, Turn turn = Turn::kOneOfMany);
  Watched &watched(const Member &member, double now);
  Row row_of(Watched &watched, const Member &member);
  void count_heap(Watched &watched, const Member &member);
  void read_sites(const std::vector<Member> &members, double now, Turn turn);
  bool write(Frame frame);
  bool thin_out();
  bool all_named_have_ended() const;

  RecordingFile &file_;
  const Plan plan_;
  Census census_{std::chrono::milliseconds(0)};
  Limits limits_;
  Pace pace_;
  std::map<Process::Key, Watched> watched_;
  std::map<std::uint32_t, Process::Key> keys_;
  std::vector<std::string> told_;  // what was said once
  Encoder encoder_{
      [this](std::uint32_t number) -> const Process & { return watched_.at(keys_.at(number)).process; }};
  std::uint32_t next_ = 0;
  std::uint64_t readings_ = 0, lost_readings_ = 0, since_segment_ = 0, written_to_ = 0;
  int thinned_ = 0;
  bool begins_ = true, segment_due_ = true, losing_ = false;
  double share_ = 0, share_at_ = 0;
};

}  // namespace heapmeter::cli::record
