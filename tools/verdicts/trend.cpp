// SPDX-License-Identifier: MIT
#include "verdicts/trend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

namespace heapmeter::cli::verdicts {
namespace {

constexpr std::size_t kParts = 8, kRises = kParts - 1;
constexpr double kLeastT = 4.5;  // of the rises from part to part; 6 degrees of freedom: 0.2 % by chance
constexpr double kGoesOn = 0.3, kKeepsPace = 0.5, kFarAbove = 3;
constexpr double kDay = 86400, kLeastADay = 1 << 20, kLeastShare = 0.01;

using Part = std::span<const Moment>;

double low(const Moment &moment) {
  return static_cast<double>(std::min(moment.least_bytes, moment.live_bytes));
}
double high(const Moment &moment) {
  return static_cast<double>(std::max(moment.most_bytes, moment.live_bytes));
}

double lowest(Part part) {
  double least = low(part.front());
  for (const Moment &each : part) least = std::min(least, low(each));
  return least;
}

double highest(Part part) {
  double most = high(part.front());
  for (const Moment &each : part) most = std::max(most, high(each));
  return most;
}

// By time, all of them as long; a part may be empty.
std::array<Part, kParts> parts_of(Part whole) {
  std::array<Part, kParts> parts;
  const double start = whole.front().seconds, length = whole.back().seconds - start;
  std::size_t from = 0;
  for (std::size_t at = 0; at < kParts; ++at) {
    std::size_t to = from;
    const double end = start + length * static_cast<double>(at + 1) / kParts;
    while (to < whole.size() && (at + 1 == kParts || whole[to].seconds < end)) ++to;
    parts[at] = whole.subspan(from, to - from);
    from = to;
  }
  return parts;
}

// Of as many readings each, for those that came too unevenly: several of a program that hung come at once.
std::array<Part, kParts> parts_by_count(Part whole) {
  std::array<Part, kParts> parts;
  for (std::size_t at = 0; at < kParts; ++at) {
    const std::size_t from = whole.size() * at / kParts;
    parts[at] = whole.subspan(from, whole.size() * (at + 1) / kParts - from);
  }
  return parts;
}

double middle_of(Part part) {
  double sum = 0;
  for (const Moment &each : part) sum += each.seconds;
  return sum / static_cast<double>(part.size());
}

// How far live fell below what it had been before, at most.
double deepest_fall(Part whole) {
  double top = low(whole.front()), fall = 0;
  for (const Moment &each : whole) {
    fall = std::max(fall, top - low(each));
    top = std::max(top, high(each));
  }
  return fall;
}

// The floor that nothing later undercuts, moment by moment.
std::vector<double> floor_of(Part whole) {
  std::vector<double> floor(whole.size());
  double least = low(whole.back());
  for (std::size_t at = whole.size(); at-- > 0;) floor[at] = least = std::min(least, low(whole[at]));
  floor.back() = static_cast<double>(whole.back().live_bytes);
  return floor;
}

// Nearly all of the rise comes in few of the spans between two readings.
bool in_steps(const std::vector<double> &floor) {
  std::vector<double> rises;
  for (std::size_t at = 1; at < floor.size(); ++at) rises.push_back(floor[at] - floor[at - 1]);
  std::sort(rises.begin(), rises.end(), std::greater<>());
  const std::size_t few = rises.size() * 3 / 20;
  const double all = floor.back() - floor.front();
  return std::accumulate(rises.begin(), rises.begin() + static_cast<std::ptrdiff_t>(few), 0.0) >= 0.8 * all;
}

growth::Slope slope_of(Part whole) {
  constexpr std::size_t kMost = 64;
  std::vector<double> seconds, bytes;
  const std::size_t step = whole.size() / kMost + 1;
  for (std::size_t at = 0; at < whole.size(); at += step) {
    seconds.push_back(whole[at].seconds);
    bytes.push_back(static_cast<double>(whole[at].live_bytes));
  }
  return growth::slope(seconds, bytes);
}

// One rise far above all others is a table's that doubled, as they do while they grow: it speaks neither for
// the rest nor against it. What rises ever more slowly has a second one that is not far below.
void tame(std::array<double, kRises> &rises) {
  auto sorted = rises;
  std::sort(sorted.begin(), sorted.end());
  if (sorted[kRises - 1] > kFarAbove * sorted[kRises - 2])
    *std::max_element(rises.begin(), rises.end()) = sorted[kRises / 2];
}

struct Judged {
  Course course = Course::kSwings;
  double first_rise = 0, last_rise = 0;  // of the floor, from part to part, in the mean
  double floor_before = 0, floor_after = 0;
};

Judged judged(Part whole) {
  Judged found;
  std::array<double, kParts> lows;
  auto parts = parts_of(whole);
  const double of_a_part = (whole.back().seconds - whole.front().seconds) / kParts;
  const auto is_thin = [](Part part) { return part.size() < 2; };
  const bool uneven = std::any_of(parts.begin(), parts.end(), is_thin);
  if (uneven) parts = parts_by_count(whole);
  if (std::any_of(parts.begin(), parts.end(), is_thin)) return {Course::kTooFew};
  for (std::size_t at = 0; at < kParts; ++at) lows[at] = lowest(parts[at]);
  found.floor_before = lows.front();
  found.floor_after = lows.back();
  std::array<double, kRises> rises;
  for (std::size_t at = 0; at < kRises; ++at) {
    rises[at] = lows[at + 1] - lows[at];
    if (uneven) rises[at] *= of_a_part / (middle_of(parts[at + 1]) - middle_of(parts[at]));
  }
  const auto up = std::count_if(rises.begin(), rises.end(), [](double rise) { return rise > 0; });
  tame(rises);
  const double mean = std::accumulate(rises.begin(), rises.end(), 0.0) / kRises;
  if (mean <= 0 || up < static_cast<std::ptrdiff_t>(kRises) - 1) return found;
  double squares = 0;
  for (const double rise : rises) squares += (rise - mean) * (rise - mean);
  const double spread = std::sqrt(squares / (kRises - 1)) / std::sqrt(static_cast<double>(kRises));
  const double by_chance = spread > 0 ? mean / spread : kLeastT + 1;

  found.first_rise = std::accumulate(rises.begin(), rises.begin() + 3, 0.0) / 3;
  found.last_rise = std::accumulate(rises.end() - 3, rises.end(), 0.0) / 3;
  // The first reading of the last part may come late in it: then less of a rise is to be seen there.
  constexpr double kEnoughOfAPart = 0.6;
  const double seen =
      std::min(1.0, (whole.back().seconds - parts[7].front().seconds) / (kEnoughOfAPart * of_a_part));
  const double at_the_end = static_cast<double>(whole.back().live_bytes) - lows[7];
  const bool stopped = at_the_end < kGoesOn * mean * seen || (seen < 0.5 && rises.back() < kKeepsPace * mean);
  if (stopped || found.last_rise < kKeepsPace * found.first_rise) {
    if (found.first_rise > 0 && by_chance > 2) found.course = Course::kFills;
    return found;
  }
  const bool larger_than_its_swings = lows[7] - lows[0] >= deepest_fall(whole);
  found.course = by_chance >= kLeastT && larger_than_its_swings ? Course::kGrows : Course::kPerhaps;
  return found;
}

bool matters(const growth::Slope &slope, double grown, double live) {
  return slope.middle * kDay >= kLeastADay || grown >= kLeastShare * live;
}

// Where what grows began: the whole, or its last half or quarter if all before was as good as flat.
struct Growing {
  Part part;
  Judged judged;
};
Growing where_it_grows(Part whole) {
  Growing first{whole, judged(whole)};
  if (first.judged.course == Course::kGrows) return first;
  for (const std::size_t share : {2, 4}) {
    const std::size_t length = whole.size() / share;
    if (length < kLeastReadings) break;
    const Part before = whole.first(whole.size() - length), part = whole.last(length);
    const double rise =
        static_cast<double>(part.back().live_bytes) - static_cast<double>(part.front().live_bytes);
    if (highest(before) - lowest(before) >= rise / 4) continue;
    const Judged later = judged(part);
    if (later.course == Course::kGrows) return {part, later};
  }
  return first;
}

}  // namespace

Trend trend_of(const Series &series) {
  Trend trend;
  trend.readings = series.size();
  if (series.empty()) return trend;
  const Part whole(series);
  trend.seconds = series.back().seconds - series.front().seconds;
  trend.lowest = static_cast<std::uint64_t>(lowest(whole));
  trend.highest = static_cast<std::uint64_t>(highest(whole));
  if (series.size() < kLeastReadings || !(trend.seconds > 0)) return trend;
  const auto [part, found] = where_it_grows(whole);
  trend.course = found.course;
  if (found.course == Course::kTooFew) return trend;
  trend.growing_seconds = part.back().seconds - part.front().seconds;
  if (found.course != Course::kSwings) trend.bytes = slope_of(part);
  const double of_a_part = trend.growing_seconds / kParts;
  trend.first_speed = found.first_rise / of_a_part;
  trend.last_speed = found.last_rise / of_a_part;
  trend.floor_before = static_cast<std::uint64_t>(found.floor_before);
  trend.floor_after = static_cast<std::uint64_t>(found.floor_after);
  const double live = static_cast<double>(series.back().live_bytes);
  if (found.course != Course::kSwings &&
      !matters(trend.bytes, found.floor_after - found.floor_before, live)) {
    trend.course = Course::kSwings;
  }
  const double range = highest(whole) - lowest(whole);
  if (trend.course == Course::kSwings && range <= std::max(kLeastShare * highest(whole), 65536.0))
    trend.course = Course::kFlat;
  if (deepest_fall(part) > 0.3 * (found.floor_after - found.floor_before)) {
    trend.manner = Manner::kInWaves;
  } else if (in_steps(floor_of(part))) {
    trend.manner = Manner::kInSteps;
  }
  return trend;
}

}  // namespace heapmeter::cli::verdicts
