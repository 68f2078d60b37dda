// SPDX-License-Identifier: MIT
//
// Verdicts on programs whose blocks are known one by one: what leaks must be found, and nothing else.
#include "growth/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <random>

using namespace heapmeter::cli::growth;

namespace {

// A place in the code, in steps much shorter than the time between two readings.
class Place {
 public:
  explicit Place(unsigned seed) : random(seed) {}
  void allocate(std::uint64_t count) { allocations += count, live += count; }
  void release(std::uint64_t count) { live -= std::min(count, live); }
  std::uint64_t poisson(double mean) {
    return mean <= 0 ? 0 : std::poisson_distribution<std::uint64_t>(mean)(random);
  }
  bool chance(double share) { return std::uniform_real_distribution<double>(0, 1)(random) < share; }

  std::mt19937 random;
  std::uint64_t allocations = 0, live = 0;
};

constexpr int kSteps = 20;  // between two readings
// What it does in a step; `at` goes from 0 to 1 over the observation.
using Behaviour = std::function<void(Place &, double at)>;

Series watched(const Behaviour &behaviour, int readings, unsigned seed) {
  Place place(seed);
  place.allocate(1000);
  Series series;
  for (int reading = 0; reading < readings; ++reading) {
    series.push_back({reading * 2.5, place.live, place.live * 64, place.allocations});
    for (int step = 0; step < kSteps; ++step)
      behaviour(place, (reading + static_cast<double>(step) / kSteps) / readings);
  }
  return series;
}

void leak(Place &place, double share) {
  const std::uint64_t born = place.poisson(5);
  place.allocate(born);
  for (std::uint64_t each = 0; each < born; ++each) place.release(place.chance(share) ? 0 : 1);
}

// Towards so many blocks, each of which is used again and again.
void pool(Place &place, double at, double fills_in, double size) {
  const double wanted = 1000 + size * (1 - std::exp(-4 * at / fills_in));
  const auto have = static_cast<double>(place.live);
  if (have < wanted) place.allocate(place.poisson(wanted - have));
}

const std::pair<const char *, Behaviour> kHarmless[] = {
    {"a pool that warms up at once", [](Place &p, double at) { pool(p, at, 0.2, 3000); }},
    {"a pool that warms up slowly", [](Place &p, double at) { pool(p, at, 1, 3000); }},
    {"a saw-tooth",
     [](Place &p, double) {
       p.allocate(p.poisson(20));
       if (p.live > 2500) p.release(1500);
     }},
    {"a long saw-tooth",
     [](Place &p, double at) {
       p.allocate(p.poisson(4));
       if (std::fmod(at + 0.3, 0.7) < 0.01) p.release(p.live / 2);
     }},
    {"a full cache",
     [](Place &p, double) {
       const std::uint64_t born = p.poisson(10);
       p.allocate(born);
       p.release(born);
     }},
    {"a table made at the start",
     [](Place &p, double at) {
       if (at < 0.1) p.allocate(p.poisson(50));
     }},
    {"a burst",
     [](Place &p, double at) {
       if (at > 0.4 && at < 0.5) p.allocate(p.poisson(50));
       if (at > 0.6) p.release(p.live > 1000 ? 60 : 0);
     }},
    {"a step",
     [](Place &p, double at) {
       if (at > 0.6 && at < 0.62) p.allocate(1000);
     }},
    {"a daily wave",
     [](Place &p, double at) {
       const double wanted = 2000 + 1000 * std::sin(2 * M_PI * at);
       p.allocate(p.poisson(30));
       if (static_cast<double>(p.live) > wanted)
         p.release(static_cast<std::uint64_t>(static_cast<double>(p.live) - wanted));
     }},
    {"a queue of changing length",
     [](Place &p, double) {
       p.allocate(p.poisson(10));
       p.release(p.poisson(10));
     }},
    {"nothing at all", [](Place &, double) {}},
};

// Of so many trials.
int found(const Behaviour &behaviour, int readings, Finding finding, int trials) {
  // Among others that do not grow, as in a program.
  std::vector<Series> all(1);
  for (unsigned other = 0; other < 20; ++other)
    all.push_back(watched(kHarmless[4].second, readings, 1000 + other));
  int count = 0;
  for (int trial = 0; trial < trials; ++trial) {
    all[0] = watched(behaviour, readings, static_cast<unsigned>(trial) + 1);
    count += verdicts(all).front().finding == finding ? 1 : 0;
  }
  return count;
}

class Verdicts : public ::testing::TestWithParam<int> {};

TEST_P(Verdicts, FindWhatKeepsAllItMakes) {
  EXPECT_EQ(found([](Place &p, double) { leak(p, 1); }, GetParam(), Finding::kHeldAndGrowing, 40), 40);
}

TEST_P(Verdicts, FindWhatKeepsNearlyAllItMakes) {
  EXPECT_GE(found([](Place &p, double) { leak(p, 0.98); }, GetParam(), Finding::kHeldAndGrowing, 40), 38);
}

// Which of its blocks stay is not to be had from sums, but that it grows is.
TEST_P(Verdicts, SeeThatWhatKeepsAFifthGrows) {
  EXPECT_GE(found([](Place &p, double) { leak(p, 0.2); }, GetParam(), Finding::kGrows, 40), 39);
}

TEST_P(Verdicts, CallNothingElseHeld) {
  int wrong = 0;
  for (const auto &[name, behaviour] : kHarmless) {
    const int held = found(behaviour, GetParam(), Finding::kHeldAndGrowing, 100);
    EXPECT_LE(held, 1) << name;
    wrong += held;
  }
  EXPECT_LE(wrong, static_cast<int>(std::size(kHarmless)));
}

TEST_P(Verdicts, HardlyEverSeeGrowthWhereThereIsNone) {
  for (const auto &[name, behaviour] : kHarmless)
    EXPECT_LE(found(behaviour, GetParam(), Finding::kGrows, 100), 1) << name;
}

INSTANTIATE_TEST_SUITE_P(OfReadings, Verdicts, ::testing::Values(24, 48));

TEST(Verdict, OfTooLittleIsToWatchLonger) {
  const Behaviour few = [](Place &p, double) {
    if (p.chance(0.04)) p.allocate(1);
  };
  EXPECT_GE(found(few, 24, Finding::kTooFew, 40), 36);
  const Series rising = watched([](Place &p, double) { leak(p, 1); }, 5, 1);
  EXPECT_EQ(verdicts({rising}).front().finding, Finding::kTooFew) << "five readings";
  EXPECT_EQ(verdicts({Series{}}).front().finding, Finding::kNone);
  EXPECT_TRUE(verdicts({}).empty());
}

TEST(Verdict, HasASlopeWithAnIntervalAroundTheTruth) {
  const Verdict verdict = verdicts({watched([](Place &p, double) { leak(p, 1); }, 24, 7)}).front();
  const double truth = 5.0 * kSteps * 64 / 2.5;
  EXPECT_NEAR(verdict.bytes.middle, truth, 0.1 * truth);
  EXPECT_LT(verdict.bytes.least, verdict.bytes.middle);
  EXPECT_GT(verdict.bytes.most, verdict.bytes.middle);
}

TEST(Kept, IsWhatIsLeftWhicheverDied) {
  // 100 born in each of four spans, 50 died in the last.
  const Series series = {
      {0, 10, 0, 10}, {1, 110, 0, 110}, {2, 210, 0, 210}, {3, 310, 0, 310}, {4, 360, 0, 410}};
  const Kept kept = heapmeter::cli::growth::kept(series);
  EXPECT_EQ(kept.born, 200u);
  EXPECT_EQ(kept.least, 150u);
  EXPECT_EQ(kept.spans, 2u);
  EXPECT_EQ(kept.least_spans, 2u);
  EXPECT_EQ(kept.all_died, 50u);
}

TEST(Kept, TakesABlockThatAReallocBroughtForBorn) {
  const Series series = {{0, 0, 0, 0}, {1, 5, 0, 0}, {2, 10, 0, 0}};
  EXPECT_EQ(heapmeter::cli::growth::kept(series).all_born, 10u);
  EXPECT_EQ(heapmeter::cli::growth::kept(series).all_died, 0u);
  EXPECT_EQ(heapmeter::cli::growth::kept({}).born, 0u);
}

}  // namespace
