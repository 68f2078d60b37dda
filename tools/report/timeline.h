// SPDX-License-Identifier: MIT
//
// When each round was, on one line that only goes forward, whatever is done to the clock meanwhile; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/moment.h"

namespace heapmeter::cli::report {

struct ClockSet {
  std::int64_t at_ms = 0;  // by the clock as it stood at last, as all times of a story
  std::int64_t by_ms = 0;  // negative: back
};

class Timeline {
 public:
  void take(const record::Segment &segment);
  // When the next round was, by the clock as it stood at first: shift_ms() of the end is to be added.
  std::int64_t take(const record::Round &round);
  // Likewise, of what was read after that round and says itself when that was.
  std::int64_t moment_after(std::int64_t time_ms) const;

  // How far all settings together moved the clock.
  std::int64_t shift_ms() const { return shift_; }
  // The last ones; their times want the shift, too.
  std::vector<ClockSet> &sets() { return sets_; }
  std::uint64_t times_set() const { return times_set_; }

 private:
  std::int64_t jump(const record::Round &round) const;

  std::string boot_, last_boot_;
  std::int64_t interval_ = 0, shift_ = 0, now_ = 0, last_time_ = 0;
  std::optional<std::int64_t> last_booted_;
  bool began_ = false;
  std::vector<ClockSet> sets_;
  std::uint64_t times_set_ = 0;
};

}  // namespace heapmeter::cli::report
