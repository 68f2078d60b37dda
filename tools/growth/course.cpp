// SPDX-License-Identifier: MIT
#include "growth/course.h"

namespace heapmeter::cli::growth {

void Course::add(const std::map<std::string, Point> &places) {
  for (const auto &[name, point] : places) {
    std::vector<Same> &course = places_[name];
    if (!course.empty() && course.back().until == readings_ && course.back().point.holds_as(point))
      ++course.back().until;
    else
      course.push_back({readings_, readings_ + 1, point});
  }
  ++readings_;
}

void Course::add_to(Series &series, const std::string &place) const {
  const auto found = places_.find(place);
  if (found == places_.end()) return;
  for (const Same &same : found->second) {
    for (std::size_t at = same.from; at < same.until; ++at) series[at] += same.point;
  }
}

}  // namespace heapmeter::cli::growth
