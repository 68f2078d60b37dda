// SPDX-License-Identifier: MIT
#include "growth/statistics.h"

#include <gtest/gtest.h>

#include <random>

using namespace heapmeter::cli::growth;

namespace {

TEST(LeastShare, IsWilsonsLowerBound) {
  EXPECT_NEAR(least_share(8, 8), 0.6756, 1e-4);
  EXPECT_NEAR(least_share(98, 100), 0.9300, 1e-4);
  EXPECT_NEAR(least_share(5, 10), 0.2366, 1e-4);
  EXPECT_EQ(least_share(0, 0), 0);
  EXPECT_EQ(least_share(0, 10), 0);
}

TEST(Slope, IsTheMedianOfAllPairsAndDoesNotMindAnOutlier) {
  const Slope straight = slope({0, 1, 2, 3, 4}, {0, 2, 4, 6, 8});
  EXPECT_DOUBLE_EQ(straight.middle, 2);
  const Slope outlier = slope({0, 1, 2, 3, 4, 5, 6, 7}, {0, 2, 4, 600, 8, 10, 12, 14});
  EXPECT_DOUBLE_EQ(outlier.middle, 2);
  EXPECT_EQ(slope({1}, {1}).middle, 0);
  EXPECT_EQ(slope({1, 1}, {1, 2}).middle, 0) << "of no time at all";
}

TEST(Slope, HasAnIntervalThatHoldsTheTruthInNineteenOfTwentyCases) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 20);
  int within = 0;
  constexpr int kTrials = 1000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> x, y;
    for (int at = 0; at < 24; ++at) {
      x.push_back(at);
      y.push_back(3 * at + noise(random));
    }
    const Slope found = slope(x, y);
    within += found.least <= 3 && 3 <= found.most ? 1 : 0;
  }
  EXPECT_GT(within, kTrials * 0.93);
  EXPECT_LT(within, kTrials * 0.98);
}

TEST(ChanceOfRise, IsSmallOfARiseAndLargeOfAnythingElse) {
  EXPECT_LT(chance_of_rise({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}), 1e-4);
  EXPECT_GT(chance_of_rise({10, 9, 8, 7, 6, 5, 4, 3, 2, 1}), 0.99);
  EXPECT_EQ(chance_of_rise({5, 5, 5, 5}), 1);
  EXPECT_EQ(chance_of_rise({}), 1);
}

TEST(Holding, KeepsTheShareOfWrongOnesSmall) {
  EXPECT_EQ(holding({0.001, 0.5, 0.02, 0.04}, 0.05), (std::vector<bool>{true, false, true, false}));
  EXPECT_EQ(holding({0.04, 0.9, 0.9, 0.9}, 0.05), (std::vector<bool>{false, false, false, false}));
  EXPECT_TRUE(holding({}, 0.05).empty());
}

}  // namespace
