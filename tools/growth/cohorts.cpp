// SPDX-License-Identifier: MIT
#include "growth/cohorts.h"

#include <algorithm>
#include <cmath>

#include "growth/statistics.h"

namespace heapmeter::cli::growth {

namespace {

constexpr double kSampledBytes = 65536;  // one block in so many is asked how long it lived

struct Change {
  std::uint64_t born, died;
};

Change change(const Point &from, const Point &to) {
  const auto more = static_cast<std::int64_t>(to.live_blocks - from.live_blocks);
  const auto allocated = static_cast<std::int64_t>(to.allocations - from.allocations);
  // A realloc brings a block along that another place has made.
  const std::int64_t born = std::max({allocated, more, std::int64_t{0}});
  return {static_cast<std::uint64_t>(born), static_cast<std::uint64_t>(born - more)};
}

double middle(const Series &series) { return (series.front().seconds + series.back().seconds) / 2; }

struct Lives {
  double all = 0, old = 0;
};

// Of those that died between two readings, which began so long after some moment, those that were born before
// it: of those that lived longer than that, as many as it takes when they die evenly.
Lives lives(const Point &from, const Point &to, double since_seconds) {
  const double span_ms = 1000 * (to.seconds - from.seconds);
  Lives lives;
  for (std::size_t doubling = 0; doubling < to.lived.size(); ++doubling) {
    const std::uint64_t before = doubling < from.lived.size() ? from.lived[doubling] : 0;
    if (to.lived[doubling] <= before) continue;
    const auto blocks = static_cast<double>(to.lived[doubling] - before);
    const double middle_ms = 0.75 * std::ldexp(1.0, static_cast<int>(doubling));
    lives.all += blocks;
    lives.old += blocks * std::clamp((middle_ms - 1000 * since_seconds) / span_ms, 0.0, 1.0);
  }
  return lives;
}

double sampled_share(const Point &from, const Point &to, double died) {
  const double bytes = static_cast<double>(to.allocated_bytes - from.allocated_bytes) -
                       (static_cast<double>(to.live_bytes) - static_cast<double>(from.live_bytes));
  return died <= 0 || bytes <= 0 ? 0 : 1 - std::exp(-bytes / died / kSampledBytes);
}

// Between two readings: how many died, and how many of these were born before the first of them, by 95 %.
struct Part {
  double died = 0, least_older = 0, most_older = 0, samples = 0;
};

Part part(const Series &series, std::size_t first, std::size_t last) {
  Part part;
  Lives all;
  for (std::size_t at = first + 1; at <= last; ++at) {
    part.died += static_cast<double>(change(series[at - 1], series[at]).died);
    const Lives some = lives(series[at - 1], series[at], series[at - 1].seconds - series[first].seconds);
    all.all += some.all;
    all.old += some.old;
  }
  part.most_older = part.died;
  if (all.all <= 0) return part;
  part.samples = all.all * sampled_share(series[first], series[last], part.died);
  const double share = all.old / all.all;
  part.least_older = part.died * least_share(part.samples * share, part.samples);
  part.most_older = part.died * (1 - least_share(part.samples * (1 - share), part.samples));
  return part;
}

}  // namespace

Kept kept(const Series &series) {
  Kept kept;
  if (series.size() < 2) return kept;
  const double half = middle(series);
  std::vector<std::uint64_t> spans;
  for (std::size_t at = 1; at < series.size(); ++at) {
    const auto [born, died] = change(series[at - 1], series[at]);
    kept.all_born += born;
    kept.all_died += died;
    if (series[at].seconds > half || born == 0) continue;
    kept.born += born;
    spans.push_back(born);
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

Kept kept_by_lives(const Series &series) {
  Kept kept = growth::kept(series);
  kept.least = kept.spans = kept.least_spans = 0;
  if (series.size() < 3) return kept;
  std::size_t half = 0;
  while (half + 1 < series.size() && series[half + 1].seconds <= middle(series)) ++half;
  const Part before = part(series, 0, half), after = part(series, half, series.size() - 1);
  kept.samples = after.samples;
  // Of those that died in the first half some were older than it, those of the second half may be from the
  // first.
  const double left = static_cast<double>(kept.born) - before.died + before.least_older - after.most_older;
  kept.least = left <= 0 ? 0 : static_cast<std::uint64_t>(left);
  return kept;
}

}  // namespace heapmeter::cli::growth
