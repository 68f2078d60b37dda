// SPDX-License-Identifier: MIT
#include "growth/cohorts.h"

#include <algorithm>

namespace heapmeter::cli::growth {

Kept kept(const Series &series) {
  Kept kept;
  if (series.size() < 2) return kept;
  const double half = (series.front().seconds + series.back().seconds) / 2;
  std::vector<std::uint64_t> spans;
  for (std::size_t at = 1; at < series.size(); ++at) {
    const Point &from = series[at - 1], &to = series[at];
    const auto change = static_cast<std::int64_t>(to.live_blocks - from.live_blocks);
    auto born = static_cast<std::int64_t>(to.allocations - from.allocations);
    // A realloc brings a block along that another place has made.
    born = std::max({born, change, std::int64_t{0}});
    kept.all_born += static_cast<std::uint64_t>(born);
    kept.all_died += static_cast<std::uint64_t>(born - change);
    if (to.seconds > half || born == 0) continue;
    kept.born += static_cast<std::uint64_t>(born);
    spans.push_back(static_cast<std::uint64_t>(born));
  }
  kept.least = kept.born - std::min(kept.born, kept.all_died);
  kept.spans = spans.size();
  // So many spans the dead could have emptied, the smallest first.
  std::sort(spans.begin(), spans.end());
  std::uint64_t dead = kept.all_died, emptied = 0;
  for (const std::uint64_t born : spans) {
    if (born > dead) break;
    dead -= born;
    ++emptied;
  }
  kept.least_spans = kept.spans - emptied;
  return kept;
}

}  // namespace heapmeter::cli::growth
