// SPDX-License-Identifier: MIT
#include "verdicts/series.h"

#include <algorithm>

#include "readings/rates.h"

namespace heapmeter::cli::verdicts {
namespace {

constexpr std::size_t kMost = 768;

}  // namespace

void Watched::add(const Moment &moment) {
  series_.push_back(moment);
  if (series_.size() <= kMost) return;
  Series halved;
  for (std::size_t at = 0; at + 1 < series_.size(); at += 2) {
    const Moment &one = series_[at], &other = series_[at + 1];
    halved.push_back(other);
    halved.back().least_bytes = std::min(one.least_bytes, other.least_bytes);
    halved.back().most_bytes = std::max(one.most_bytes, other.most_bytes);
  }
  if (series_.size() % 2 != 0) halved.push_back(series_.back());
  series_ = std::move(halved);
}

void Watched::add(const Reading &reading, std::optional<std::uint64_t> resident,
                  std::optional<std::uint64_t> anonymous) {
  Moment now = moment(static_cast<double>(reading.monotonic_ns) / 1e9, reading, resident, anonymous);
  if (before_ && !goes_on(*before_, reading)) {
    series_.clear();
    before_.reset();
  }
  // A peak that rose meanwhile was then.
  if (before_ && reading.least_peak() > before_->most_peak())
    now.most_bytes = std::max(now.most_bytes, reading.least_peak());
  before_ = reading;
  add(now);
}

}  // namespace heapmeter::cli::verdicts
