// SPDX-License-Identifier: MIT
//
// How long to wait for the next reading, and whether which code holds what is due: more often the nearer a
// limit is, and for a while only, since a process may live near its limit for good. Pure.
#pragma once

#include <cstdint>

namespace heapmeter::cli::record {

inline constexpr double kNear = 0.8;
inline constexpr double kDenser = 10;

class Pace {
 public:
  explicit Pace(double interval_seconds) : interval_(interval_seconds) {}

  // After a reading in which the nearest of all limits was used up so far, 0 to 1, and at most so much of it
  // is used up more each second.
  double next(double share, double share_per_second);

 private:
  double interval_;
  // Denser readings that are left; each ordinary one brings one more.
  static constexpr double kMost = 600;
  double left_ = kMost;
};

// When sites are read: now, and why.
class SitesPace {
 public:
  explicit SitesPace(double interval_seconds = 0) : interval_(interval_seconds) {}
  bool is_due(double now, std::uint64_t live_bytes, double share) const;
  // They are of an earlier moment.
  bool is_older(double now) const { return !ever_ || now > when_; }
  void taken(double now, std::uint64_t live_bytes, double share);

 private:
  double interval_;
  bool ever_ = false;
  double when_ = 0, share_ = 0;
  std::uint64_t live_bytes_ = 0;
};

}  // namespace heapmeter::cli::record
