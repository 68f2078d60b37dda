// SPDX-License-Identifier: MIT
//
// Thousands of simulated programs each: what does not grow is hardly ever said to, what grows nearly always.
#include "verdicts/trend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tools/verdicts/simulated.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::verdicts;
using namespace heapmeter::testing;

namespace {

// So many that all of them together take seconds.
int runs_of(int readings) { return readings < 480 ? 1000 : 200; }

struct Named {
  const char *name;
  Behaviour behaviour;
};

// None of them is watched for less than one of its periods, or for less than a third longer than it fills.
const Named kHarmless[] = {
    {"nothing at all", [](Simulated &, double, double) {}},
    {"noise", [](Simulated &p, double, double) { p.live = 1000 + p.noise(100); }},
    {"a queue of changing length",
     [](Simulated &p, double, double) { p.live = std::max(0.0, p.live + p.poisson(10) - p.poisson(10)); }},
    {"a queue that is worked off the faster the longer it is",
     [](Simulated &p, double, double) { p.live += p.poisson(10) - p.poisson(p.live / 100); }},
    {"a load that changes slowly",
     [](Simulated &p, double, double step) { p.live += (1000 - p.live) * step / 0.3 + p.noise(10); }},
    {"a load that changes quickly",
     [](Simulated &p, double, double step) { p.live += (1000 - p.live) * step / 0.05 + p.noise(10); }},
    {"a saw-tooth of half the time",
     [](Simulated &p, double at, double) { p.live = 1000 + 1000 * tooth(at / (0.3 + 0.2 * p.a) + p.phase); }},
    {"a saw-tooth",
     [](Simulated &p, double at, double) { p.live = 1000 + 1000 * tooth(at / (0.1 + 0.2 * p.a) + p.phase); }},
    {"a fast saw-tooth",
     [](Simulated &p, double at, double) {
       p.live = 1000 + 1000 * tooth(at / (0.005 + 0.05 * p.a) + p.phase) + p.noise(20);
     }},
    {"a daily wave, watched for a day",
     [](Simulated &p, double at, double) { p.live = 2000 + 1000 * wave(at + p.phase) + p.noise(20); }},
    {"a daily wave, watched for some days",
     [](Simulated &p, double at, double) {
       p.live = 2000 + 1000 * wave(at * (1 + 6 * p.a) + p.phase) + p.noise(20);
     }},
    {"a pool that warms up",
     [](Simulated &p, double at, double) {
       p.live = std::max(p.live,
                         1000 + 3000 * std::sqrt(std::min(1.0, at / (0.05 + 0.7 * p.a))) - 50 * p.uniform());
     }},
    {"a cache that fills ever more slowly",
     [](Simulated &p, double at, double) {
       p.live = 1000 + 3000 * (1 - std::exp(-at / (0.05 + 0.3 * p.a))) + p.noise(5);
     }},
    {"a cache that fills evenly, and is full",
     [](Simulated &p, double at, double) {
       p.live = 1000 + 3000 * std::min(1.0, at / (0.05 + 0.7 * p.a)) + p.noise(5);
     }},
    {"a full cache", [](Simulated &p, double, double) { p.live = 4000 + p.noise(3); }},
    {"a burst at the start",
     [](Simulated &p, double at, double) {
       p.live = 1000 * std::min(1.0, at / (0.01 + 0.2 * p.a)) + p.noise(3);
     }},
    {"a burst in between",
     [](Simulated &p, double at, double) {
       const double from = 0.6 * p.a, to = from + 0.1 + 0.2 * p.b;
       p.live = 1000 + (from < at && at < to ? 3000 * std::min(1.0, (at - from) / 0.1) : 0) + p.noise(5);
     }},
    {"a step", [](Simulated &p, double at, double) { p.live = 1000 + (at > p.a ? 800 : 0) + p.noise(5); }},
    {"two steps", [](Simulated &p, double at,
                     double) { p.live = 1000 + (at > p.a ? 800 : 0) + (at > p.b ? 500 : 0) + p.noise(5); }},
    {"three steps, as far apart",
     [](Simulated &p, double at, double) { p.live = 1000 + 300 * std::floor(3 * at + p.a) + p.noise(5); }},
    {"what shrinks", [](Simulated &p, double at, double) { p.live = 4000 - 3000 * at + p.noise(20); }},
};

double said(const Behaviour &behaviour, int readings, Course course) {
  int count = 0;
  const int runs = runs_of(readings);
  for (int run = 1; run <= runs; ++run)
    count += trend_of(watched(behaviour, readings, static_cast<unsigned>(run))).course == course ? 1 : 0;
  return static_cast<double>(count) / runs;
}

class Trends : public ::testing::TestWithParam<int> {};

TEST_P(Trends, AreHardlyEverGrowthOfWhatDoesNotGrow) {
  for (const auto &[name, behaviour] : kHarmless) {
    const double wrong = said(behaviour, GetParam(), Course::kGrows);
    EXPECT_LE(wrong, 0.01) << name << " of " << GetParam() << " readings";
    RecordProperty(name, std::to_string(100 * wrong));
  }
}

INSTANTIATE_TEST_SUITE_P(OfReadings, Trends, ::testing::Values(24, 48, 120, 480));

struct Growing {
  const char *name;
  Behaviour behaviour;
  double found[4];  // at least, of 24, 48, 120 and 480 readings
};

const Growing kGrowing[] = {
    {"a steady leak",
     [](Simulated &p, double at, double) { p.live = 1000 + 1000 * at + p.noise(3); },
     {1, 1, 1, 1}},
    {"a leak with noise of a twentieth of it",
     [](Simulated &p, double at, double) { p.live = 1000 + 1000 * at + p.noise(50); },
     {0.5, 0.7, 0.9, 0.9}},
    {"a leak of two per cent of what is allocated",
     [](Simulated &p, double, double) {
       for (double born = p.poisson(10); born > 0; --born) p.live += p.uniform() < 0.02 ? 1 : 0;
     },
     {0.2, 0.7, 0.95, 1}},
    {"a leak under a saw-tooth of half of it",
     [](Simulated &p, double at, double) { p.live = 1000 + 1000 * at + 500 * tooth(at / 0.05 + p.phase); },
     {0, 0.3, 0.9, 1}},
    {"a leak under a daily wave, watched for nine days",
     [](Simulated &p, double at, double) {
       p.live = 4000 + 1000 * wave(9 * at + p.phase) + 3000 * at + p.noise(20);
     },
     {0, 0.5, 0.9, 1}},
    {"a leak in many steps",
     [](Simulated &p, double at, double) { p.live = 1000 + 100 * std::floor(20 * at + p.a); },
     {0.95, 1, 1, 1}},
    {"a leak in a table that doubles once",
     [](Simulated &p, double at, double) {
       p.live = 1000 + 1000 * at + (at > p.a ? 100 + 900 * p.b : 0) + p.noise(3);
     },
     {0.75, 0.85, 0.9, 0.95}},
    {"a leak that begins after half of the time",
     [](Simulated &p, double at, double) { p.live = 1000 + 2000 * std::max(0.0, at - 0.5) + p.noise(3); },
     {0, 0.9, 0.95, 0.95}},
};

TEST(Trends, FindWhatGrows) {
  const int readings[] = {24, 48, 120, 480};
  for (const auto &[name, behaviour, least] : kGrowing) {
    for (std::size_t at = 0; at < std::size(readings); ++at) {
      const double found = said(behaviour, readings[at], Course::kGrows);
      EXPECT_GE(found, least[at]) << name << " of " << readings[at] << " readings";
      RecordProperty(name + std::to_string(readings[at]), std::to_string(100 * found));
    }
  }
}

// Readings of a busy machine: one in ten comes up to five times as late.
Series late(const std::function<double(double at)> &kilobytes, int readings, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> times;
  double now = 0;
  for (int reading = 0; reading < readings; ++reading)
    times.push_back(now += uniform(random) < 0.1 ? 1 + 4 * uniform(random) : 1);
  Series series;
  for (const double time : times)
    series.push_back(moment(time, static_cast<std::uint64_t>(1024 * kilobytes(time / now))));
  return series;
}

TEST(Trends, TellWhatGrowsAndWhatDoesNotHoweverUnevenlyItIsRead) {
  constexpr unsigned kRuns = 500;
  const auto share = [](const std::function<double(double)> &kilobytes, int readings, Course course) {
    int count = 0;
    for (unsigned run = 1; run <= kRuns; ++run)
      count += trend_of(late(kilobytes, readings, run)).course == course ? 1 : 0;
    return static_cast<double>(count) / kRuns;
  };
  for (const int readings : {24, 26, 30, 48, 120}) {
    const auto leak = [](double at) { return 1000 + 4000 * at; };
    EXPECT_GE(share(leak, readings, Course::kGrows), 0.99) << readings;
    EXPECT_LE(share(leak, readings, Course::kFills), 0.01) << readings;
    for (const auto &harmless :
         {std::function<double(double)>([](double at) { return 1000 + 1000 * tooth(7.3 * at); }),
          {[](double at) { return 1000 + 1000 * std::min(at, 0.7); }},
          {[](double at) { return 1000 + 1000 * (1 - std::exp(-4 * at)); }},
          {[](double at) { return 1000 + 800 * wave(2.5 * at); }}})
      EXPECT_LE(share(harmless, readings, Course::kGrows), 0.01) << readings;
  }
}

}  // namespace
