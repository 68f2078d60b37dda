// SPDX-License-Identifier: MIT
//
// Live bytes over the time of a run, in a bounded number of moments: when there are too many, neighbours
// become one, with the higher of the two. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/json/array.hpp>

#include "text/sparkline.h"

namespace heapmeter::cli {

struct Moment {
  double seconds = 0;            // since the start
  std::uint64_t live_bytes = 0;  // then
  std::uint64_t most_bytes = 0;  // the highest since the moment before, also between two readings
};

class Shape {
 public:
  // Times only grow.
  void add(const Moment &moment);
  const std::vector<Moment> &moments() const { return moments_; }

  // So many columns over the whole time, each with the highest that fell into it; where none did, it is as
  // before. Empty columns before the first.
  Graph graph(double seconds, int columns) const;

 private:
  std::vector<Moment> moments_;
};

boost::json::array to_json(const Shape &shape);

}  // namespace heapmeter::cli
