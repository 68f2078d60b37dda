// SPDX-License-Identifier: MIT
//
// The live bytes of one process over time, as far back as memory is worth it; pure.
#pragma once

#include <cstdint>
#include <vector>

#include "top/graphs.h"

namespace heapmeter::cli::tui {

class History {
 public:
  // Times only grow. Seconds of any clock, as long as it is always the same.
  void add(double seconds, std::uint64_t live);

  bool empty() const { return samples_.empty(); }
  double first() const { return samples_.front().seconds; }
  double last() const { return samples_.back().seconds; }

  // Bytes a second, from the oldest sample of the last so many seconds to the newest; 0 of a single one.
  double growth(double seconds) const;

  // The last columns of so many seconds each, up to `now`, each with the highest value in it. A column that
  // no sample fell into continues the one before, a column older than the first sample is empty.
  Graph graph(double now, double seconds_per_column, int columns) const;

 private:
  struct Sample {
    double seconds;
    std::uint64_t live;
  };
  std::vector<Sample> samples_;
};

}  // namespace heapmeter::cli::tui
