// SPDX-License-Identifier: MIT
#include "pool/pool.h"

#include <list>
#include <thread>

#include <gtest/gtest.h>
#include <heapmeter/heapmeter.hpp>

#include "pool/pool_resource.h"

namespace demo {
namespace {

// Counts itself, so that what is lost or destroyed twice shows.
struct Counted {
  Counted() { ++alive; }
  ~Counted() { --alive; }
  static inline std::atomic<int> alive{0};
};

TEST(Pool, MakesItsItemsAtOnce) {
  const Pool<Counted> pool(3);
  EXPECT_EQ(Counted::alive, 3);
  EXPECT_EQ(pool.available(), 3u);
}

TEST(Pool, EmptyAnswersNull) {
  Pool<Counted> pool(1);
  const auto item = pool.acquire();
  EXPECT_NE(item, nullptr);
  EXPECT_EQ(pool.acquire(), nullptr);
}

TEST(Pool, SurplusIsDropped) {
  Pool<Counted> pool(1);
  pool.release(std::make_unique<Counted>());
  EXPECT_EQ(pool.available(), 1u);
  EXPECT_EQ(Counted::alive, 1);
}

TEST(Pool, ReleaseOfNullIsIgnored) {
  Pool<Counted> pool(1);
  const auto item = pool.acquire();
  pool.release(nullptr);
  EXPECT_EQ(pool.available(), 0u);
}

TEST(Pool, ItemsComeBackInTheStateTheyWereIn) {
  Pool<int> pool(1);
  auto item = pool.acquire();
  *item = 7;
  pool.release(std::move(item));
  EXPECT_EQ(*pool.acquire(), 7);
}

TEST(Pool, LeaseReturnsByItself) {
  Pool<Counted> pool(1);
  {
    const auto lease = pool.lease();
    EXPECT_EQ(pool.available(), 0u);
  }
  EXPECT_EQ(pool.available(), 1u);
}

TEST(Pool, LeaseOfAnEmptyPoolMakesANewItemAndTheSurplusIsDropped) {
  Pool<Counted> pool(1);
  {
    const auto first = pool.lease();
    const auto second = pool.lease();
    EXPECT_NE(second, nullptr);
    EXPECT_EQ(Counted::alive, 2);
  }
  EXPECT_EQ(Counted::alive, 1);
}

TEST(Pool, LeaseAllocatesNothing) {
  if (!heapmeter::metered())
    GTEST_SKIP() << "not metered: libheapmeter is not linked, or HEAPMETER_OFF is set";
  Pool<std::array<char, 4096>> pool(2);
  const heapmeter::Scope scope;
  for (int round = 0; round < 1000; ++round) pool.lease();
  EXPECT_EQ(scope.spent()->allocations, 0u);
  EXPECT_EQ(scope.spent()->frees, 0u);
}

TEST(SharedPool, ManyThreadsLoseNothing) {
  SharedPool<Counted> pool(4);
  std::vector<std::thread> threads;
  for (int count = 0; count < 8; ++count)
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        const auto lease = pool.lease();
        pool.release(pool.acquire());
      }
    });
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(pool.available(), 4u);
  EXPECT_EQ(Counted::alive, 4);
}

TEST(PoolResource, ServesAStandardContainerFromItsBlocks) {
  PoolResource<64> resource(8);
  {
    std::pmr::list<int> list({1, 2, 3}, &resource);
    EXPECT_EQ(resource.available(), 5u);
  }
  EXPECT_EQ(resource.available(), 8u);
}

TEST(PoolResource, LargeAndOveralignedGoUpstream) {
  PoolResource<64> resource(1, std::pmr::new_delete_resource());
  void *large = resource.allocate(65, 8);
  void *aligned = resource.allocate(16, 64);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(aligned) % 64, 0u);
  EXPECT_EQ(resource.available(), 1u);
  resource.deallocate(large, 65, 8);
  resource.deallocate(aligned, 16, 64);
  EXPECT_EQ(resource.available(), 1u);
}

TEST(PoolResource, GrowsWhenItsBlocksAreOut) {
  PoolResource<64> resource(1);
  std::pmr::list<int> list({1, 2, 3}, &resource);
  EXPECT_EQ(list.size(), 3u);
  list.clear();
  EXPECT_EQ(resource.available(), 1u);
}

}  // namespace
}  // namespace demo
