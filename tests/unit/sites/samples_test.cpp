// SPDX-License-Identifier: MIT
#include "sites/samples.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace heapmeter;
using namespace heapmeter::sites;

namespace {

struct Fixture {
  Samples samples;
  Budget budget;

  explicit Fixture(size_t limit = size_t{1} << 30) { budget.start(limit); }
  ~Fixture() { samples.unmap(); }
  std::multiset<uint64_t> all() const {
    std::multiset<uint64_t> out;
    size_t cursor = 0;
    const void *block = nullptr;
    for (Sample sample; samples.next(cursor, block, sample);) out.insert(reinterpret_cast<uint64_t>(block));
    return out;
  }
};

Sample sample_at(uint64_t address) { return {address / 16, 0, 1, 2, 3, 4, Family::kNew, false}; }
const void *block(uint64_t address) { return reinterpret_cast<const void *>(address); }

}  // namespace

TEST(Samples, AreFoundUntilTheyAreTaken) {
  Fixture f;
  Sample found{};
  EXPECT_FALSE(f.samples.find(block(0x1000), found));
  ASSERT_TRUE(f.samples.add(f.budget, block(0x1000), sample_at(0x1000)));
  ASSERT_TRUE(f.samples.find(block(0x1000), found));
  EXPECT_EQ(found.size, 0x100u);
  EXPECT_EQ(found.family, Family::kNew);
  EXPECT_EQ(f.all(), std::multiset<uint64_t>{0x1000});
  EXPECT_TRUE(f.samples.take(block(0x1000), found));
  EXPECT_FALSE(f.samples.take(block(0x1000), found));
  EXPECT_TRUE(f.all().empty());
}

TEST(Samples, AreManyMoreThanTheFirstTableHolds) {
  constexpr uint64_t kMany = 200'000;
  Fixture f;
  Sample found{};
  for (uint64_t i = 1; i <= kMany; ++i)
    ASSERT_TRUE(f.samples.add(f.budget, block(i * 48), sample_at(i * 48))) << i;
  EXPECT_EQ(f.all().size(), kMany);
  for (uint64_t i = 1; i <= kMany; ++i) {
    ASSERT_TRUE(f.samples.take(block(i * 48), found));
    EXPECT_EQ(found.size, i * 3);
  }
  EXPECT_TRUE(f.all().empty());
}

TEST(Samples, OfThreadsAtOnceAreEachItsOwners) {
  constexpr uint64_t kThreads = 4, kAddresses = 2000, kOperations = 100'000;
  Fixture f;
  std::vector<std::atomic<int>> states(kAddresses);  // 0: free, 1: somebody is at it, 2: sampled
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      std::minstd_rand random(static_cast<unsigned>(thread + 1));
      for (uint64_t i = 0; i < kOperations; ++i) {
        const uint64_t at = random() % kAddresses, address = (at + 1) * 16;
        const int state = states[at].exchange(1);
        if (state == 1) continue;
        Sample found{};
        if (state == 0) {
          ASSERT_FALSE(f.samples.find(block(address), found));
          ASSERT_TRUE(f.samples.add(f.budget, block(address), sample_at(address)));
        } else {
          ASSERT_TRUE(f.samples.take(block(address), found));
          ASSERT_EQ(found.size, address / 16);
        }
        states[at].store(state == 0 ? 2 : 0);
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    size_t cursor = 0;
    const void *at = nullptr;
    for (Sample sample; f.samples.next(cursor, at, sample);) {
      ASSERT_EQ(sample.size, reinterpret_cast<uint64_t>(at) / 16);
    }
  }
  for (auto &thread : threads) thread.join();
  std::multiset<uint64_t> expected;
  for (uint64_t at = 0; at < kAddresses; ++at) {
    if (states[at] == 2) expected.insert((at + 1) * 16);
  }
  EXPECT_EQ(f.all(), expected);
}

// What does not fit is no sample, and nothing else changes for those that do.
TEST(Samples, KeepToTheLimit) {
  constexpr size_t kLimit = 2 << 20;
  constexpr uint64_t kMany = 100'000;
  Fixture f(kLimit);
  std::multiset<uint64_t> added;
  for (uint64_t i = 1; i <= kMany; ++i) {
    if (f.samples.add(f.budget, block(i * 48), sample_at(i * 48))) added.insert(i * 48);
  }
  EXPECT_GT(added.size(), 10'000u);
  EXPECT_LT(added.size(), kMany);
  EXPECT_EQ(f.all(), added);
  EXPECT_LE(f.samples.charged(), kLimit);
  EXPECT_EQ(f.samples.charged(), f.budget.taken());
}
