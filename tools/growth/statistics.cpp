// SPDX-License-Identifier: MIT
#include "growth/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace heapmeter::cli::growth {
namespace {

constexpr double kOf95Percent = 1.959964;

// Of the sum of signs over all pairs, where values that are equal have none.
double variance_of_rises(const std::vector<double> &y) {
  const auto spread = [](double n) { return n * (n - 1) * (2 * n + 5); };
  std::map<double, double> alike;
  for (const double value : y) ++alike[value];
  double variance = spread(static_cast<double>(y.size()));
  for (const auto &[value, count] : alike) variance -= spread(count);
  return variance / 18;
}

double sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

}  // namespace

double least_share(double successes, double of) {
  if (of <= 0) return 0;
  const double z2 = kOf95Percent * kOf95Percent, share = successes / of;
  const double middle = share + z2 / (2 * of);
  const double half = kOf95Percent * std::sqrt(share * (1 - share) / of + z2 / (4 * of * of));
  return std::max(0.0, (middle - half) / (1 + z2 / of));
}

Slope slope(const std::vector<double> &x, const std::vector<double> &y) {
  std::vector<double> slopes;
  for (std::size_t one = 0; one < x.size(); ++one) {
    for (std::size_t other = one + 1; other < x.size(); ++other) {
      if (x[other] > x[one]) slopes.push_back((y[other] - y[one]) / (x[other] - x[one]));
    }
  }
  if (slopes.empty()) return {};
  std::sort(slopes.begin(), slopes.end());
  const auto count = static_cast<double>(slopes.size());
  const double half = kOf95Percent * std::sqrt(std::max(0.0, variance_of_rises(y))) / 2;
  const auto at = [&](double place) {
    return slopes[static_cast<std::size_t>(std::clamp(place, 0.0, count - 1))];
  };
  const double middle = (at(std::floor((count - 1) / 2)) + at(std::ceil((count - 1) / 2))) / 2;
  return {middle, at(std::floor(count / 2 - half) - 1), at(std::ceil(count / 2 + half))};
}

double chance_of_rise(const std::vector<double> &y) {
  double rises = 0;
  for (std::size_t one = 0; one < y.size(); ++one) {
    for (std::size_t other = one + 1; other < y.size(); ++other) rises += sign(y[other] - y[one]);
  }
  const double variance = variance_of_rises(y);
  if (variance <= 0) return 1;
  const double z = (rises - sign(rises)) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2)) / 2;
}

std::vector<bool> holding(const std::vector<double> &chances, double wrong_share) {
  std::vector<std::size_t> order(chances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return chances[a] < chances[b]; });
  std::size_t hold = 0;
  for (std::size_t rank = 1; rank <= order.size(); ++rank) {
    if (chances[order[rank - 1]] <=
        wrong_share * static_cast<double>(rank) / static_cast<double>(order.size()))
      hold = rank;
  }
  std::vector<bool> holding(chances.size(), false);
  for (std::size_t rank = 0; rank < hold; ++rank) holding[order[rank]] = true;
  return holding;
}

}  // namespace heapmeter::cli::growth
