// SPDX-License-Identifier: MIT
//
// How long to wait for what must come. A deadline is for what never comes, on a machine that one has alone;
// where several run for each processor it is as many times as long, whatever their number becomes meanwhile.
#pragma once

#include <chrono>

namespace heapmeter::testing {

class Patience {
 public:
  explicit Patience(std::chrono::milliseconds deadline) : deadline_(deadline) {}

  // From now on, never negative: for poll.
  int left_ms() const;
  bool is_over() const { return left_ms() == 0; }

 private:
  std::chrono::milliseconds deadline_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace heapmeter::testing
