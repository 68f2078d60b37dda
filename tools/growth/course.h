// SPDX-License-Identifier: MIT
//
// What one process held at each place in its code, reading after reading; most places do not change, and cost
// one point however often they are read.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "growth/series.h"

namespace heapmeter::cli::growth {

class Course {
 public:
  // The next reading: of each place by its name. What is not in it held and allocated nothing.
  void add(const std::map<std::string, Point> &places);

  // Adds what the place held at each reading to the series, which has as many points as there were readings.
  void add_to(Series &series, const std::string &place) const;

 private:
  struct Same {
    std::size_t from, until;  // readings
    Point point;
  };
  std::size_t readings_ = 0;
  std::map<std::string, std::vector<Same>> places_;
};

}  // namespace heapmeter::cli::growth
