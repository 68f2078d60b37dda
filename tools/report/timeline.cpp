// SPDX-License-Identifier: MIT
#include "report/timeline.h"

#include <algorithm>
#include <cstdlib>

namespace heapmeter::cli::report {
namespace {

constexpr std::int64_t kSet = 1000;        // what is less is a clock that is being adjusted
constexpr std::int64_t kDay = 86'400'000;  // no interval is longer, whatever the file says
constexpr std::size_t kMostSets = 64;
constexpr std::int64_t kFarthest = 1'000'000'000'000'000;  // ten times the latest moment a file may tell

}  // namespace

void Timeline::take(const record::Segment &segment) {
  boot_ = segment.boot_id;
  interval_ = std::min(segment.interval_ms, kDay);
}

// How far the clock was moved since the round before. Without its distance to the time since boot, or after
// another boot, only that it went back is seen.
std::int64_t Timeline::jump(const record::Round &round) const {
  if (boot_ == last_boot_ && round.booted_ms && last_booted_) {
    const std::int64_t moved = *round.booted_ms - *last_booted_;
    return std::abs(moved) > kSet ? moved : 0;
  }
  const std::int64_t passed = round.time_ms - last_time_;
  return passed < -kSet ? passed - interval_ : 0;
}

std::int64_t Timeline::take(const record::Round &round) {
  const std::int64_t moved = began_ ? jump(round) : 0;
  shift_ = std::clamp(shift_ + moved, -kFarthest, kFarthest);
  const std::int64_t time = round.time_ms - shift_;
  now_ = began_ ? std::max(now_, time) : time;
  if (moved != 0) {
    ++times_set_;
    if (sets_.size() >= kMostSets) sets_.erase(sets_.begin());
    sets_.push_back({now_, moved});
  }
  began_ = true;
  last_time_ = round.time_ms;
  last_boot_ = boot_;
  last_booted_ = round.booted_ms;
  return now_;
}

std::int64_t Timeline::moment_after(std::int64_t time_ms) const { return std::max(now_, time_ms - shift_); }

}  // namespace heapmeter::cli::report
