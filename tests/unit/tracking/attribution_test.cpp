// SPDX-License-Identifier: MIT
//
// Attribution is switched, over and over, while threads allocate, release and resize: no call is wrong, no
// block is lost to the books, and what was noted is forgotten at last.
#include "tracking/attribution.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "base/quantity.h"
#include "base/sys.h"
#include "books/snapshot.h"
#include "tracking/tracked_heap.h"

using namespace heapmeter;

namespace {

constexpr int kThreads = 8, kSwitches = 60;

heapmeter_snapshot taken() {
  heapmeter_snapshot now;
  snapshot::take(now);
  return now;
}

void *allocate(size_t bytes) {
  return tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes);
}
void release(void *block) { tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block); }

void churn(const std::atomic<bool> &done, unsigned seed) {
  std::minstd_rand random(seed);
  void *blocks[100] = {};
  while (!done.load(std::memory_order_relaxed)) {
    void *&block = blocks[random() % std::size(blocks)];
    const size_t bytes = random() % 8 == 0 ? random() % 20'000 : random() % 300;
    if (block != nullptr && random() % 4 == 0) {
      block = tracked_heap::reallocate(block, bytes + 1);
    } else {
      release(block);
      block = allocate(bytes);
    }
  }
  for (void *block : blocks) release(block);
}

uint64_t wrong_calls(const heapmeter_snapshot &now) {
  return now.mismatches + now.size_mismatches + now.double_frees + now.foreign_frees + now.inner_frees;
}

}  // namespace

// What it would go back to is refused since a limit was set from outside: it ends all the same.
TEST(Attribution, EndsInTimeWhereItCannotGoBack) {
  tracked_heap::begin();
  release(allocate(100));
  ASSERT_EQ(attribution::change({quantity::kEvery, 0}), nullptr);
  ASSERT_EQ(attribution::change({512 * 1024, 2}), nullptr);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const rlimit limited{rlim_t{1} << 46, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limited), 0);
  const uint64_t then = sys::monotonic_ns() + 3'000'000'000;
  attribution::do_what_is_due(then);
  EXPECT_EQ(attribution::status().mode, sites::Mode::kOff);
  EXPECT_GT(attribution::due_ns(), then) << "or the service would be at it without a pause";
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_TRUE(attribution::may_come_back());
  attribution::follow_limit();
  EXPECT_EQ(attribution::status().mode, sites::Mode::kEvery);
  ASSERT_EQ(attribution::change({quantity::kNoSamples, 0}), nullptr);
}

// A shorter one within a longer one: what both would end with is not forgotten.
TEST(Attribution, GoesBackToHowItWasBeforeAnyThatEnds) {
  tracked_heap::begin();
  release(allocate(100));
  ASSERT_EQ(attribution::change({1 << 20, 0}), nullptr);
  ASSERT_EQ(attribution::change({quantity::kEvery, 600}), nullptr);
  ASSERT_EQ(attribution::change({512 * 1024, 2}), nullptr);
  attribution::do_what_is_due(sys::monotonic_ns() + 3'000'000'000);
  EXPECT_EQ(attribution::status().mode, sites::Mode::kSampled);
  EXPECT_EQ(attribution::status().mean_bytes, 1u << 20);
  EXPECT_EQ(attribution::status().until, 0u);
  ASSERT_EQ(attribution::change({quantity::kNoSamples, 0}), nullptr);
}

// A limit that outlasts a wish leaves what the wish would have gone back to.
TEST(Attribution, ComesBackToWhatWasBeforeAWishThatALimitOutlasted) {
  tracked_heap::begin();
  release(allocate(100));
  ASSERT_EQ(attribution::change({1 << 20, 0}), nullptr);
  ASSERT_EQ(attribution::change({quantity::kEvery, 1}), nullptr);
  const uint64_t until = attribution::status().until;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const rlimit limited{rlim_t{512} << 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limited), 0);
  attribution::follow_limit();
  EXPECT_EQ(attribution::status().mode, sites::Mode::kOff);
  while (static_cast<uint64_t>(time(nullptr)) <= until) sys::sleep_ns(10'000'000);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  ASSERT_TRUE(attribution::may_come_back());
  attribution::follow_limit();
  EXPECT_EQ(attribution::status().mode, sites::Mode::kSampled);
  EXPECT_EQ(attribution::status().mean_bytes, 1u << 20);
  EXPECT_EQ(attribution::status().until, 0u);
  EXPECT_EQ(attribution::status().instead, nullptr);
  ASSERT_EQ(attribution::change({quantity::kNoSamples, 0}), nullptr);
}

// Each try waits for that, and a reader with it.
TEST(Attribution, DoesNotTryToComeBackWhileWhatWasIsBeingForgotten) {
  tracked_heap::begin();
  release(allocate(100));
  ASSERT_EQ(attribution::change({quantity::kEvery, 0}), nullptr);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const rlimit limited{rlim_t{512} << 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limited), 0);
  {
    const sites::Sites::Reader within(sites::the_sites);
    attribution::follow_limit();
    EXPECT_EQ(attribution::status().mode, sites::Mode::kOff);
    ASSERT_FALSE(sites::the_sites.is_clear());
    ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
    const bool tries = attribution::may_come_back();
    EXPECT_TRUE(!tries || sys::monotonic_ns() >= attribution::due_ns());
  }
  attribution::do_what_is_due(attribution::due_ns());
  EXPECT_TRUE(sites::the_sites.is_clear());
  EXPECT_TRUE(attribution::may_come_back());
  attribution::follow_limit();
  EXPECT_EQ(attribution::status().mode, sites::Mode::kEvery);
  ASSERT_EQ(attribution::change({quantity::kNoSamples, 0}), nullptr);
}

TEST(Attribution, IsSwitchedWhileThreadsAllocate) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "mimalloc is not instrumented: blocks that go from thread to thread in it look like races";
#endif
  tracked_heap::begin();
  const heapmeter_snapshot before = taken();
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= kThreads; ++seed) threads.emplace_back([&, seed] { churn(done, seed); });
  for (int each = 0; each < kSwitches; ++each) {
    const uint64_t means[] = {quantity::kEvery, 512, quantity::kNoSamples, 1 << 20};
    // While what was noted before is still being forgotten it is refused, which is an answer, too.
    attribution::change({means[each % std::size(means)], 0});
  }
  done = true;
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(attribution::change({quantity::kNoSamples, 0}), nullptr);
  EXPECT_TRUE(sites::the_sites.is_clear());
  const heapmeter_snapshot after = taken();
  EXPECT_EQ(wrong_calls(after), wrong_calls(before));
  EXPECT_EQ(after.live_blocks, before.live_blocks);
  EXPECT_EQ(after.live_bytes, before.live_bytes);
}
