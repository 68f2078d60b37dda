// SPDX-License-Identifier: MIT
//
// Verdicts where most of what a place makes dies, and samples say how long it lived.
#include "growth/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <random>

using namespace heapmeter::cli::growth;

namespace {

constexpr int kReadings = 24, kSteps = 25;
constexpr double kStep = 0.1;           // seconds
constexpr std::uint64_t kBytes = 4096;  // a block
constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kAll = kReadings * kSteps * kStep;

// How many are born in a step at that moment, and how long one of them lives.
struct Behaviour {
  std::function<double(double seconds)> born;
  std::function<double(double seconds, std::mt19937 &random)> lives;
};

double some(double mean, std::mt19937 &random) {
  return std::exponential_distribution<double>(1 / mean)(random);
}
bool chance(double share, std::mt19937 &random) {
  return std::uniform_real_distribution<double>(0, 1)(random) < share;
}

// Each block by itself; one in so many that die, as samples of a block in 64 KiB do it, is noted.
Series watched(const Behaviour &behaviour, unsigned seed, double already = 0) {
  constexpr double kSampled = static_cast<double>(kBytes) / 65536;
  std::mt19937 random(seed);
  struct Death {
    double at, lived;
    bool operator<(const Death &other) const { return at > other.at; }
  };
  std::priority_queue<Death> deaths;
  Series series;
  Point now;
  now.lived.resize(32);
  std::uint64_t dead = 0;
  const int before = static_cast<int>(already / kStep);
  for (int step = -before; step < kReadings * kSteps; ++step) {
    const double seconds = step * kStep;
    while (!deaths.empty() && deaths.top().at <= seconds) {
      const double milliseconds = 1000 * deaths.top().lived;
      ++dead;
      deaths.pop();
      if (!chance(kSampled, random)) continue;
      const int doubling = milliseconds < 1 ? 0 : std::ilogb(milliseconds) + 1;
      now.lived[static_cast<std::size_t>(doubling)] += static_cast<std::uint64_t>(1 / kSampled);
    }
    now.seconds = seconds;
    now.live_blocks = now.allocations - dead;
    now.live_bytes = now.live_blocks * kBytes;
    now.allocated_bytes = now.allocations * kBytes;
    if (step >= 0 && step % kSteps == 0) series.push_back(now);
    const double mean = behaviour.born(seconds);
    const auto born = mean <= 0 ? 0 : std::poisson_distribution<std::uint64_t>(mean)(random);
    for (std::uint64_t each = 0; each < born; ++each) {
      const double lived = behaviour.lives(seconds, random);
      if (lived != kNever) deaths.push({seconds + lived, lived});
    }
    now.allocations += born;
  }
  return series;
}

double often(double) { return 50; }

Behaviour keeping(double share, double born) {
  return {
      [born](double) { return born; },
      [share](double, std::mt19937 &random) { return chance(share, random) ? kNever : some(0.3, random); }};
}

double some_time(double, std::mt19937 &random) { return some(0.3, random); }

const std::pair<const char *, Behaviour> kHarmless[] = {
    {"a queue that grows longer, first in, first out",
     {often, [](double at, std::mt19937 &) { return 1 + (at + 30) / 8; }}},
    {"a cache that loses any of its blocks",
     {often, [](double, std::mt19937 &random) { return some(10, random); }}},
    {"more and more to do", {[](double at) { return 50 * (1 + at / kAll); }, some_time}},
    {"a wave", {[](double at) { return 50 + 40 * std::sin(2 * M_PI * at / kAll); }, some_time}},
    {"sessions of all lengths up to a third of the time",
     {often, [](double, std::mt19937 &random) { return std::min(std::exp(some(1.2, random)), 20.0); }}},
    {"long sessions, more and more",
     {[](double at) { return 30 + 0.6 * std::max(at, 0.0); }, [](double, std::mt19937 &) { return 20.0; }}},
};

int held(const Behaviour &behaviour, int trials, double already = 30) {
  int count = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const Series series = watched(behaviour, static_cast<unsigned>(trial) + 1, already);
    count += verdicts({series}).front().finding == Finding::kHeldAndGrowing ? 1 : 0;
  }
  return count;
}

TEST(Lives, TellThatHalfIsHeld) {
  EXPECT_EQ(held(keeping(0.5, 50), 20), 20);
  const Verdict verdict = verdicts({watched(keeping(0.5, 50), 99, 30)}).front();
  const double share = static_cast<double>(verdict.kept.least) / static_cast<double>(verdict.kept.born);
  EXPECT_LE(share, 0.51);
  EXPECT_GE(share, 0.45);
  EXPECT_GT(verdict.kept.samples, 100);
}

TEST(Lives, TellThatAFiftiethIsHeld) {
  EXPECT_GE(held(keeping(0.02, 400), 10), 9);
  const Verdict verdict = verdicts({watched(keeping(0.02, 400), 99, 30)}).front();
  const double share = static_cast<double>(verdict.kept.least) / static_cast<double>(verdict.kept.born);
  EXPECT_LE(share, 0.022) << "never more than there is";
}

TEST(Lives, OfTooFewSamplesTellNothing) {
  Series series = watched(keeping(0.02, 400), 1, 30);
  for (Point &point : series) point.lived.clear();
  EXPECT_EQ(verdicts({series}).front().finding, Finding::kGrows);
  EXPECT_EQ(kept_by_lives(series).least, 0u);
  EXPECT_EQ(kept_by_lives({}).least, 0u);
}

// By each of these some of what is born in the first half dies, sooner or later.
TEST(Lives, CallNothingHeldThatIsReplaced) {
  for (const auto &[name, behaviour] : kHarmless) EXPECT_LE(held(behaviour, 100), 1) << name;
}

}  // namespace
