// SPDX-License-Identifier: MIT
//
// Recordings of the test's own making.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "record/encoder.h"
#include "record/frame.h"
#include "record/recording.h"

namespace heapmeter::testing {

namespace record = cli::record;

inline constexpr std::int64_t kStartMs = 1'700'000'000'000;

class Made {
 public:
  Made() { segment(); }

  // Of which the next frame is the first.
  void segment() { segment_ = record::Segment{last_, 10'000, "boot", "host", "1"}; }
  record::Process &process(std::uint32_t number) { return processes_[number]; }

  void round(std::int64_t seconds, const std::vector<record::Row> &rows, bool urgent = false) {
    record::Round round{last_ = kStartMs + 1000 * seconds, urgent, false, 0, rows};
    add({.segment = {}, .round = round, .takings = {}});
  }
  void add(record::Frame frame) {
    frame.segment = std::exchange(segment_, std::nullopt);
    text_ += record::framed(encoder_.payload(frame));
  }
  const std::string &text() const { return text_; }

 private:
  std::map<std::uint32_t, record::Process> processes_;
  record::Encoder encoder_{[this](std::uint32_t number) -> const record::Process & {
    const auto [place, is_new] = processes_.try_emplace(number);
    if (is_new) {
      place->second.pid = place->second.inner_pid = 100 + static_cast<int>(number);
      place->second.start_time = 7;
      place->second.name = "p" + std::to_string(number);
    }
    return place->second;
  }};
  std::string text_ = std::string(record::kSignature);
  std::optional<record::Segment> segment_;
  std::int64_t last_ = kStartMs;
};

inline record::Row row(std::uint32_t process, std::uint64_t live, std::uint64_t state = record::kAnswering) {
  record::Row made{process, {}};
  made.values[record::k_live_bytes] = live;
  made.values[record::k_state] = state;
  return made;
}

struct Read {
  std::vector<record::Frame> frames;
  std::vector<record::Process> processes;
  std::uint64_t good_end = 0, torn = 0, damaged = 0;

  std::vector<record::Round> rounds() const {
    std::vector<record::Round> all;
    for (const record::Frame &frame : frames) {
      if (frame.round) all.push_back(*frame.round);
    }
    return all;
  }
};

inline Read read_all(const std::string &text) {
  Read read;
  record::Recording recording{record::source_of(std::string_view(text))};
  while (auto frame = recording.next()) read.frames.push_back(std::move(*frame));
  read.processes = recording.processes();
  read.good_end = recording.good_end();
  read.torn = recording.torn_bytes();
  read.damaged = recording.damaged_bytes();
  return read;
}

}  // namespace heapmeter::testing
