// SPDX-License-Identifier: MIT
#include "sites/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/sys.h"

using namespace heapmeter::sites;

namespace {

constexpr size_t kLimit = 8 << 20;

struct Fixture {
  Table table;
  Budget budget;

  explicit Fixture(size_t limit = kLimit) {
    EXPECT_TRUE(table.map(limit));
    budget.start(limit);
  }
  ~Fixture() { table.unmap(); }

  // The site of a stack, outermost frame first; its hash is anything that only it has.
  uint32_t add(uint64_t hash, const std::vector<uint64_t> &frames) {
    uint32_t node = 0;
    for (const uint64_t address : frames) node = table.node(budget, node, {address, 1});
    return table.add(budget, hash, node);
  }
  std::vector<uint64_t> frames(uint32_t site) const {
    std::vector<uint64_t> out;
    for (uint32_t node = table.leaf(site); node != 0; node = table.parent(node)) {
      out.push_back(table.place(node).address);
    }
    std::reverse(out.begin(), out.end());
    return out;
  }
};

}  // namespace

TEST(Table, FindsASiteByItsHashAndTellsItsStack) {
  Fixture f;
  EXPECT_EQ(f.table.find(7), Table::kNone);
  const uint32_t a = f.add(7, {10, 20, 30}), b = f.add(8, {10, 20, 40});
  EXPECT_NE(a, b);
  EXPECT_EQ(f.table.find(7), a);
  EXPECT_EQ(f.add(7, {10, 20, 30}), a);
  EXPECT_EQ(f.frames(a), (std::vector<uint64_t>{10, 20, 30}));
  EXPECT_EQ(f.frames(b), (std::vector<uint64_t>{10, 20, 40}));
  EXPECT_EQ(f.table.nodes(), 1u + 4u) << "frames that both have are there once";
}

TEST(Table, TellsTheSameAddressOfTwoModulesApart) {
  Fixture f;
  const uint32_t one = f.table.node(f.budget, 0, {10, 1}), other = f.table.node(f.budget, 0, {10, 2});
  EXPECT_NE(one, other);
  EXPECT_EQ(f.table.place(one).module, 1);
  EXPECT_EQ(f.table.place(other).module, 2);
  EXPECT_EQ(f.table.place(other).address, 10u);
}

TEST(Table, KeepsToItsLimitAndTellsTheRestAsOther) {
  constexpr size_t kSmall = 64 << 10;
  Fixture f(kSmall);
  size_t others = 0, sites = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    f.add(i << 40 | i, {i + 1}) == Table::kOther ? ++others : ++sites;
  }
  EXPECT_LE(f.budget.taken(), kSmall);
  EXPECT_GE(sites, kSmall / (Table::kSiteBytes + Table::kNodeBytes) - 1);
  EXPECT_EQ(sites + others, 10'000u);
  for (uint64_t i = 0; i < sites; ++i) EXPECT_EQ(f.frames(f.table.find(i << 40 | i)), std::vector{i + 1});
}

TEST(Table, IsEmptyAndUsableAfterItWasCleared) {
  Fixture f;
  f.add(7, {10});
  f.table.clear();
  f.budget.start(kLimit);
  EXPECT_EQ(f.table.find(7), Table::kNone);
  EXPECT_EQ(f.table.sites(), Table::kFirst);
  EXPECT_EQ(f.frames(f.add(7, {11})), std::vector<uint64_t>{11});
}

TEST(Table, GivesOneSiteToThreadsThatAddTheSameAtOnce) {
  constexpr size_t kThreads = 4, kStacks = 3000;
  Fixture f(32 << 20);
  std::vector<std::vector<uint32_t>> given(kThreads);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (uint64_t i = 0; i < kStacks; ++i) {
        // The upper bits choose the list: few lists, so that they meet.
        const uint64_t hash = i % 16 << 60 | i;
        given[thread].push_back(f.add(hash, {1 + i % 7, 1 + i % 100, 1 + i}));
        ASSERT_EQ(f.table.find(hash), given[thread].back());
      }
    });
  }
  for (auto &thread : threads) thread.join();
  for (size_t thread = 1; thread < kThreads; ++thread) EXPECT_EQ(given[thread], given[0]);
  for (uint64_t i = 0; i < kStacks; ++i) {
    EXPECT_EQ(f.frames(given[0][i]), (std::vector{1 + i % 7, 1 + i % 100, 1 + i}));
  }
}

TEST(Table, OfFewSitesTakesFewPages) {
  size_t resident[2] = {};
  for (const bool few : {false, true}) {
    Fixture f;
    f.table.expect(few);
    std::vector<uint32_t> sites;
    for (uint64_t i = 0; i < 300; ++i)
      sites.push_back(f.add(i * 0x9E3779B97F4A7C15u, {1, 2 + i / 10, 1000 + i}));
    for (uint64_t i = 0; i < 300; ++i) ASSERT_EQ(f.table.find(i * 0x9E3779B97F4A7C15u), sites[i]);
    resident[few] = heapmeter::sys::resident_bytes(f.table.memory().start, f.table.memory().bytes);
  }
  EXPECT_LE(resident[true], 16u << 12);
  EXPECT_GT(resident[false], resident[true] + (100 << 10));
  EXPECT_LE(resident[false], 48u << 12) << "nodes of one stack are found side by side";
}

TEST(Table, FindsTheFirstOfManySitesAndThoseThatCameLater) {
  constexpr uint64_t kMany = 100'000;
  Fixture f(64 << 20);
  for (uint64_t i = 0; i < kMany; ++i) f.add(i * 0x9E3779B97F4A7C15u, {1 + i});
  EXPECT_EQ(f.table.sites(), Table::kFirst + kMany);
  for (uint64_t i = 0; i < kMany; ++i) {
    const uint64_t hash = i * 0x9E3779B97F4A7C15u;
    ASSERT_EQ(f.frames(f.table.find(hash)), std::vector{1 + i});
    ASSERT_EQ(f.add(hash, {1 + i}), f.table.find(hash)) << "added once";
  }
  EXPECT_EQ(f.table.find(kMany * 0x9E3779B97F4A7C15u), Table::kNone);
}
