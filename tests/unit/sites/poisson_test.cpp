// SPDX-License-Identifier: MIT
#include "sites/poisson.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace heapmeter::sites;

namespace {

double probability(uint64_t size, uint64_t mean) {
  return -std::expm1(-static_cast<double>(size) / static_cast<double>(mean));
}

}  // namespace

TEST(Poisson, ChanceIsWhatExpSays) {
  for (const uint64_t mean : {1024ull, 524'288ull, 1'000'003ull, 1ull << 30}) {
    for (const uint64_t size : {1ull, 7ull, 16ull, 1000ull, 4096ull, 524'288ull, 10'000'000ull, 1ull << 36}) {
      const double expected = probability(size, mean);
      const double chance = static_cast<double>(poisson::chance(size, mean)) / 0x1p64;
      EXPECT_NEAR(chance / expected, 1, 1e-7) << size << " of " << mean;
      const double weight = static_cast<double>(poisson::weight(size, mean)) / (1 << poisson::kWeightBits);
      EXPECT_NEAR(weight * expected, 1, 1e-4) << size << " of " << mean;
    }
  }
}

TEST(Poisson, NothingIsNeverSampled) {
  EXPECT_EQ(poisson::chance(0, 1024), 0u);
  EXPECT_EQ(poisson::weight(0, 1024), 0u);
}

// Blocks of one size, each sampled when the bytes drawn run out within it.
TEST(Poisson, DrawsSampleWithThatChance) {
  for (const uint64_t size : {10ull, 300ull, 1024ull, 5000ull}) {
    constexpr uint64_t kMean = 1024;
    constexpr int kBlocks = 400'000;
    uint64_t random = size, left = poisson::draw(kMean, random);
    int sampled = 0;
    for (int i = 0; i < kBlocks; ++i) {
      if (left < size) {
        ++sampled;
        left = poisson::draw(kMean, random);
      } else {
        left -= size;
      }
    }
    const double p = probability(size, kMean);
    EXPECT_NEAR(sampled, kBlocks * p, 4.5 * std::sqrt(kBlocks * p * (1 - p)) + 1) << size;
  }
}

// What is live by the samples, with the interval that their variance tells: 1,000 runs of blocks of many
// sizes, of which the interval of 95 % holds the truth in 93 to 97 %.
TEST(Poisson, TheIntervalHoldsAsOftenAsItSays) {
  constexpr int kRuns = 1000, kBlocks = 3000;
  constexpr uint64_t kMean = 4096;
  int held = 0;
  for (int run = 0; run < kRuns; ++run) {
    uint64_t random = static_cast<uint64_t>(run) * 1'000'003 + 17, sizes = static_cast<uint64_t>(run);
    uint64_t left = poisson::draw(kMean, random);
    double truth = 0, estimate = 0, variance = 0;
    for (int i = 0; i < kBlocks; ++i) {
      const uint64_t size = 1 + poisson::draw(300, sizes);
      const bool live = i % 3 != 0;
      if (live) truth += static_cast<double>(size);
      if (left >= size) {
        left -= size;
        continue;
      }
      left = poisson::draw(kMean, random);
      if (!live) continue;
      const double weight = static_cast<double>(poisson::weight(size, kMean)) / (1 << poisson::kWeightBits);
      estimate += weight * static_cast<double>(size);
      variance += static_cast<double>(size * size) * (weight * weight - weight);
    }
    held += std::abs(estimate - truth) <= 1.96 * std::sqrt(variance);
  }
  EXPECT_GE(held, 930);
  EXPECT_LE(held, 970);
}
