// SPDX-License-Identifier: MIT
#include "top/history.h"

#include <algorithm>
#include <cmath>

namespace heapmeter::cli::tui {
namespace {

constexpr std::size_t kKept = 3600;  // an hour at one a second; twice that before the older half goes

}  // namespace

void History::add(double seconds, std::uint64_t live) {
  if (samples_.size() >= 2 * kKept) samples_.erase(samples_.begin(), samples_.begin() + kKept);
  samples_.push_back({seconds, live});
}

double History::growth(double seconds) const {
  if (samples_.empty()) return 0;
  const Sample &newest = samples_.back();
  const auto oldest = std::lower_bound(samples_.begin(), samples_.end(), newest.seconds - seconds,
                                       [](const Sample &each, double begin) { return each.seconds < begin; });
  if (oldest->seconds >= newest.seconds) return 0;
  return (static_cast<double>(newest.live) - static_cast<double>(oldest->live)) /
         (newest.seconds - oldest->seconds);
}

Graph History::graph(double now, double seconds_per_column, int columns) const {
  Graph graph(static_cast<std::size_t>(std::max(columns, 0)));
  if (graph.empty() || samples_.empty()) return graph;
  // Columns begin at multiples of their length: the picture moves by whole columns and does not shimmer.
  const auto column_of = [&](double seconds) { return std::floor(seconds / seconds_per_column); };
  const double first = column_of(now) - columns + 1;
  std::optional<double> before;
  // Only what is shown, and the sample before it.
  auto sample =
      std::lower_bound(samples_.begin(), samples_.end(), first,
                       [&](const Sample &each, double column) { return column_of(each.seconds) < column; });
  if (sample != samples_.begin()) before = static_cast<double>((sample - 1)->live);
  for (std::size_t at = 0; at < graph.size(); ++at) {
    const double column = first + static_cast<double>(at);
    std::optional<double> highest;
    for (; sample != samples_.end() && column_of(sample->seconds) <= column; ++sample) {
      before = static_cast<double>(sample->live);
      highest = std::max(highest.value_or(0), *before);
    }
    graph[at] = highest ? highest : before;
  }
  return graph;
}

}  // namespace heapmeter::cli::tui
