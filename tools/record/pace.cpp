// SPDX-License-Identifier: MIT
#include "record/pace.h"

#include <algorithm>

namespace heapmeter::cli::record {
namespace {

constexpr double kUsual = 300, kAfterAChange = 60, kWhenNear = 10;  // seconds
constexpr double kNearerBy = 0.02;
constexpr std::uint64_t kLittle = 1u << 20;

}  // namespace

double Pace::next(double share, double share_per_second) {
  // At this rate it is over within a few readings.
  const bool soon = share_per_second > 0 && share > 0.5 && (1 - share) / share_per_second < 3 * interval_;
  if ((share < kNear && !soon) || left_ < 1) {
    left_ = std::min(left_ + 1, kMost);
    return interval_;
  }
  left_ -= 1;
  return interval_ / kDenser;
}

bool SitesPace::is_due(double now, std::uint64_t live_bytes, double share) const {
  if (!ever_) return true;
  const double passed = now - when_;
  if (passed >= std::max(kUsual, interval_)) return true;
  const std::uint64_t change = std::max(live_bytes, live_bytes_) - std::min(live_bytes, live_bytes_);
  if (change > live_bytes_ / 4 + kLittle && passed >= std::max(kAfterAChange, interval_)) return true;
  return share >= kNear && share > share_ + kNearerBy && passed >= std::min(kWhenNear, interval_);
}

void SitesPace::taken(double now, std::uint64_t live_bytes, double share) {
  ever_ = true;
  when_ = now;
  live_bytes_ = live_bytes;
  share_ = share;
}

}  // namespace heapmeter::cli::record
