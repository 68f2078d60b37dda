// SPDX-License-Identifier: MIT
//
// Intervals and tests that need no shape of the distribution.
#pragma once

#include <cstddef>
#include <vector>

namespace heapmeter::cli::growth {

// The least share that `of` so many tries with so many successes go with (Wilson's interval, 95 %).
double least_share(double successes, double of);

struct Slope {
  double middle = 0, least = 0, most = 0;  // a second; with an interval of 95 %
};
// The median of the slopes between all pairs (Theil and Sen). `x` ascends.
Slope slope(const std::vector<double> &x, const std::vector<double> &y);

// How likely so many more rises than falls are by chance (Mann and Kendall, one-sided).
double chance_of_rise(const std::vector<double> &y);

// Which of many tests hold when at most this share of those that hold may be wrong (Benjamini and Hochberg).
std::vector<bool> holding(const std::vector<double> &chances, double wrong_share);

}  // namespace heapmeter::cli::growth
