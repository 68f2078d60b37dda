// SPDX-License-Identifier: MIT
#include "sites/shards.h"

#include <gtest/gtest.h>

#include <memory>

using namespace heapmeter::sites;

namespace {

constexpr size_t kPiece = 4096;

struct Fixture {
  Shards shards;
  Budget budget;

  explicit Fixture(size_t limit) {
    EXPECT_TRUE(shards.map(limit, 10'000));
    budget.start(limit);
  }
  ~Fixture() { shards.unmap(); }
};

}  // namespace

TEST(Shards, HaveACountOfTheirOwnForEachSite) {
  Fixture f(64 * kPiece);
  auto a = std::make_unique<Shard>(), b = std::make_unique<Shard>();
  EXPECT_EQ(a->at(5), nullptr);
  Counts *in_a = f.shards.take(f.budget, *a, 5), *in_b = f.shards.take(f.budget, *b, 5);
  ASSERT_NE(in_a, nullptr);
  ASSERT_NE(in_b, nullptr);
  EXPECT_NE(in_a, in_b);
  EXPECT_EQ(a->at(5), in_a);
  EXPECT_EQ(f.shards.take(f.budget, *a, 5), in_a);
  EXPECT_EQ(a->at(6), in_a + 1) << "its neighbour came with it";
  EXPECT_EQ(Shards::look(*a, 5), in_a);
  EXPECT_EQ(Shards::look(*a, 5000), nullptr);
  EXPECT_NE(&f.shards.shared(5), &f.shards.shared(6));
}

TEST(Shards, TakeNoMoreThanTheLimit) {
  Fixture f(3 * kPiece);
  auto shard = std::make_unique<Shard>();
  size_t taken = 0;
  for (uint32_t site = 0; site < 10'000; site += kSitesOfPiece) {
    taken += f.shards.take(f.budget, *shard, site) != nullptr;
  }
  EXPECT_EQ(taken, 3u);
  EXPECT_EQ(f.budget.taken(), 3 * kPiece);
}

TEST(Shards, AreZeroAfterTheyWereCleared) {
  Fixture f(4 * kPiece);
  auto shard = std::make_unique<Shard>();
  f.shards.take(f.budget, *shard, 5)->blocks_in = 3;
  f.shards.shared(5).blocks_in = 4;
  f.shards.clear();
  f.budget.start(4 * kPiece);
  auto next = std::make_unique<Shard>();
  EXPECT_EQ(f.shards.take(f.budget, *next, 5)->blocks_in, 0u);
  EXPECT_EQ(f.shards.shared(5).blocks_in, 0u);
}
