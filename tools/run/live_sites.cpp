// SPDX-License-Identifier: MIT
#include "run/live_sites.h"

#include <algorithm>
#include <chrono>

#include <heapmeter/protocol.h>

#include "run/relative.h"

namespace heapmeter::cli {
namespace {

// A twentieth of the time that the run has lasted, and many times what it took.
constexpr double kShare = 0.05, kShortest = 0.1, kLongest = 5, kTimesTheCost = 100;
constexpr std::size_t kMostKept = 4;
constexpr std::chrono::milliseconds kPatienceWithSites{1000};

}  // namespace

void LiveSitesReader::look(const std::vector<Member> &members, double now) {
  if (now < next_) return;
  const Member *most = nullptr;
  for (const Member &each : members) {
    if (!each.reading || !each.complaint.empty()) continue;
    if (most == nullptr || each.reading->live_bytes > most->reading->live_bytes) most = &each;
  }
  if (most == nullptr) return;
  const auto begun = std::chrono::steady_clock::now();
  try {
    const Reading &reading = *most->reading;
    LiveSites sites{reading.pid, reading.counting_since_ns, now,
                    get(most->endpoint, HEAPMETER_PATH_SITES, in(kPatienceWithSites))};
    std::erase_if(taken_, [&](const LiveSites &each) {
      return each.pid == sites.pid && each.counting_since_ns == sites.counting_since_ns;
    });
    if (taken_.size() == kMostKept) taken_.erase(taken_.begin());
    taken_.push_back(std::move(sites));
  } catch (const NoAnswer &) {
    // It has ended, or is slow: what was read before stands.
  }
  const std::chrono::duration<double> cost = std::chrono::steady_clock::now() - begun;
  next_ = now + std::max(std::clamp(now * kShare, kShortest, kLongest), kTimesTheCost * cost.count());
}

}  // namespace heapmeter::cli
