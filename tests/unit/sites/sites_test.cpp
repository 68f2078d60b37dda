// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "sites_fixture.h"

using namespace heapmeter;
using namespace heapmeter::testing;

TEST(Sites, BlocksLeaveTheSiteTheyCameFrom) {
  SitesFixture f;
  Slot &slot = f.new_slot(), &other = f.new_slot();
  f.sites->born(slot, block_at(1), 100, false, called_from(0));
  f.sites->born(slot, block_at(2), 50, false, called_from(0));
  f.sites->born(slot, block_at(3), 7, false, called_from(1));
  ASSERT_EQ(f.sites->table().sites(), Table::kFirst + 2);
  f.sites->died(other, block_at(1), 100);
  const Sum first = f.sites->sum(Table::kFirst), second = f.sites->sum(Table::kFirst + 1);
  EXPECT_EQ(first.live_blocks, 1u);
  EXPECT_EQ(first.live_bytes, 50u);
  EXPECT_EQ(first.allocations, 2u);
  EXPECT_EQ(first.allocated_bytes, 150u);
  EXPECT_EQ(second.live_blocks, 1u);
  EXPECT_EQ(second.live_bytes, 7u);
}

TEST(Sites, WhatIsOlderIsOfNone) {
  SitesFixture f;
  f.sites->died(f.new_slot(), block_at(1), 100);
  EXPECT_EQ(f.all().live_blocks, 0u);
}

TEST(Sites, AResizedBlockIsItsResizersAndNoAllocation) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, false, called_from(0));
  const auto taken = f.sites->take(slot, block_at(1));
  f.sites->moved(slot, taken, 100, block_at(2), 300, false, called_from(1));
  const Sum first = f.sites->sum(Table::kFirst), second = f.sites->sum(Table::kFirst + 1);
  EXPECT_EQ(first.live_blocks, 0u);
  EXPECT_EQ(first.live_bytes, 0u);
  EXPECT_EQ(first.allocations, 1u);
  EXPECT_EQ(second.live_blocks, 1u);
  EXPECT_EQ(second.live_bytes, 300u);
  EXPECT_EQ(second.allocations, 0u);
  EXPECT_EQ(second.allocated_bytes, 300u);
  f.sites->died(slot, block_at(2), 300);
  EXPECT_EQ(f.all().live_bytes, 0u);
}

TEST(Sites, ABlockThatCouldNotBeResizedStaysWhatItWas) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, false, called_from(0));
  f.sites->put_back(slot, block_at(1), f.sites->take(slot, block_at(1)));
  f.sites->died(slot, block_at(1), 100);
  EXPECT_EQ(f.sites->sum(Table::kFirst).live_blocks, 0u);
}

TEST(Sites, ABlockFreedByTheVeryNextCallIsTemporary) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 1, false, called_from(0));
  f.sites->died(slot, block_at(1), 1);
  f.sites->born(slot, block_at(1), 1, false, called_from(0));
  f.sites->born(slot, block_at(2), 1, false, called_from(0));
  f.sites->died(slot, block_at(1), 1);
  f.sites->died(slot, block_at(2), 1);
  EXPECT_EQ(f.sites->sum(Table::kFirst).temporary, 1u);
}

TEST(Sites, ThreadsWithoutASlotOfTheirOwnCountToo) {
  SitesFixture f;
  Slot &slot = f.new_slot(), &shared = f.new_slot(false);
  f.sites->born(slot, block_at(1), 100, false, called_from(0));
  f.sites->died(shared, block_at(1), 100);
  EXPECT_EQ(f.sites->sum(Table::kFirst).live_blocks, 0u);
  f.sites->born(shared, block_at(2), 100, false, called_from(0));
  EXPECT_EQ(f.sites->sum(Table::kOther).live_blocks, 1u);
}

TEST(Sites, AForgottenEpochCountsNothingLater) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, false, called_from(0));
  f.peak.total().saw(1000);
  const auto taken = f.sites->take(slot, block_at(1));
  f.sites->set(Mode::kOff);
  EXPECT_FALSE(f.sites->is_clear());
  ASSERT_TRUE(f.sites->clear());
  EXPECT_TRUE(f.sites->is_clear());
  ASSERT_TRUE(f.sites->prepare(kLimit));
  f.sites->set(Mode::kEvery);
  f.sites->moved(slot, taken, 100, block_at(2), 300, false, called_from(1));
  EXPECT_EQ(f.all().live_bytes, 300u);
  f.peak.total().saw(300);
  EXPECT_EQ(f.all().peak_bytes, 300u) << "a peak is of its epoch";
  f.sites->died(slot, block_at(2), 300);
  EXPECT_EQ(f.all().live_bytes, 0u);
}

// A process that ends before its first sample has no use for tables.
TEST(Sites, MakeRoomWhenTheFirstSampleFalls) {
  Peak peak;
  auto sites = std::make_unique<Sites>(peak.total());
  ASSERT_TRUE(sites->prepare_later(kLimit));
  sites->set_mean(1);
  sites->set(Mode::kSampled);
  EXPECT_FALSE(sites->mapped());
  Slot slot;
  slot.own = true;
  slot.turn = 2;
  const auto born = [&](uintptr_t number) {
    return sites->born_sampled(slot, {block_at(number), 100, 0, Family::kMalloc, false}, false,
                               called_from(0));
  };
  ASSERT_TRUE(born(1) && born(2));
  EXPECT_TRUE(sites->mapped());
  EXPECT_FALSE(sites->prepare_later(kLimit / 2)) << "it is there";
  EXPECT_EQ(sites->sum(Table::kFirst).samples, 2u);
  sites->set(Mode::kOff);
  ASSERT_TRUE(sites->clear());
  ASSERT_TRUE(sites->prepare(kLimit));
  sites->set(Mode::kEvery);
  sites->born(slot, block_at(3), 10, false, called_from(0));
  EXPECT_EQ(sites->sum(Table::kFirst).live_bytes, 10u);
}

TEST(Sites, AreNotForgottenWhileAnybodyIsWithin) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 100, false, called_from(0));
  f.sites->set(Mode::kOff);
  static_cast<Thread *>(slot.attribution)->busy = 1;
  EXPECT_FALSE(f.sites->clear());
  f.sites->in_child(nullptr);  // the thread is gone
  EXPECT_TRUE(f.sites->clear());
}

TEST(Sites, AHandlerWithinACallHasASiteOfItsOwn) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 1, false, called_from(0));
  auto *thread = static_cast<Thread *>(slot.attribution);
  thread->busy = 1;
  f.sites->born(slot, block_at(2), 10, false, called_from(0));
  f.sites->born(slot, block_at(3), 20, false, called_from(1));
  thread->busy = 0;
  EXPECT_EQ(f.sites->sum(Table::kOther).live_bytes, 0u) << "which is for want of room";
  const uint32_t site = f.sites->table().sites() - 1;
  EXPECT_EQ(f.sites->sum(site).live_bytes, 30u);
  const Place mark = f.sites->table().place(f.sites->table().leaf(site));
  EXPECT_EQ(mark.module, kMark);
  EXPECT_EQ(mark.address, 2u);
  f.sites->died(slot, block_at(2), 10);
  f.sites->died(slot, block_at(3), 20);
  EXPECT_EQ(f.all().live_bytes, 1u);
}

namespace {

// Where a call of ours was at work, and was left by a jump: nothing of it is there when this has returned.
[[gnu::noinline]] uintptr_t frame_of_a_call() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}
// The room between is asked of the stack itself: gcc 14's AddressSanitizer keeps arrays elsewhere.
[[gnu::noinline]] uintptr_t frame_of_a_call_further_down() {
  void *much = __builtin_alloca(2048);
  asm volatile("" : : "r"(much) : "memory");
  const uintptr_t frame = frame_of_a_call();
  asm volatile("" : : "r"(much) : "memory");
  return frame;
}

[[gnu::noinline]] void born_further_down(SitesFixture &f, uintptr_t number) {
  void *much = std::memset(__builtin_alloca(4096), 0, 4096);
  asm volatile("" : : "r"(much) : "memory");
  f.sites->born(*f.slots[0], block_at(number), 100, false, called_from(number));
  asm volatile("" : : "r"(much) : "memory");
}
[[gnu::noinline]] void overwrite() {
  void *much = std::memset(__builtin_alloca(8192), 0, 8192);
  asm volatile("" : : "r"(much) : "memory");
}

// A call that lasts while another comes, as a handler's would.
[[gnu::noinline]] uintptr_t while_at_work(SitesFixture &f) {
  auto *thread = static_cast<Thread *>(f.slots[0]->attribution);
  thread->busy = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  born_further_down(f, 5);
  return thread->busy;
}

}  // namespace

TEST(Sites, ACallThatWasLeftByAJumpIsNotAtWorkHoweverDeepTheNext) {
  SitesFixture f;
  Slot &slot = f.new_slot();
  f.sites->born(slot, block_at(1), 1, false, called_from(0));
  auto *thread = static_cast<Thread *>(slot.attribution);
  thread->busy = thread->stack.busy = frame_of_a_call_further_down();
  overwrite();
  const auto captures = f.sites->captures().all;
  born_further_down(f, 4);
  EXPECT_EQ(f.sites->captures().all, captures + 1);
  EXPECT_EQ(thread->stack.busy, 0u);
  EXPECT_EQ(thread->busy, 0u);
  EXPECT_NE(while_at_work(f), 0u) << "one that is at work stays so";
  EXPECT_EQ(f.sites->captures().all, captures + 1);
  thread->busy = 0;
}

TEST(Sites, KeepToTheLimitAndStayExact) {
  SitesFixture f;
  f.sites->set(Mode::kOff);
  f.sites->clear();
  constexpr size_t kSmall = 256 << 10;
  ASSERT_TRUE(f.sites->prepare(kSmall));
  f.sites->set(Mode::kEvery);
  Slot &slot = f.new_slot(), &late = f.new_slot();
  constexpr size_t kBlocks = 20'000;
  for (size_t i = 0; i < kBlocks; ++i) f.sites->born(slot, block_at(i), i, false, called_from(i % 10'000));
  EXPECT_LE(f.sites->budget().taken(), kSmall);
  EXPECT_GT(f.sites->sum(Table::kOther).live_blocks, 0u);
  EXPECT_GT(f.sites->table().sites(), 1000u);
  EXPECT_EQ(f.all().live_blocks, kBlocks);
  EXPECT_EQ(f.all().live_bytes, kBlocks * (kBlocks - 1) / 2);
  // There is no room for a shard of the second thread.
  for (size_t i = 0; i < kBlocks; ++i) f.sites->died(late, block_at(i), i);
  EXPECT_EQ(f.all().live_blocks, 0u);
  EXPECT_EQ(f.all().live_bytes, 0u);
}

TEST(Sites, AddUpWhateverThreadsDo) {
  constexpr size_t kThreads = 4, kPlaces = 512;
  constexpr int kOperations = 100'000;
  SitesFixture f;
  struct Place {
    std::atomic<uint32_t> size{0};  // 0: free; 1: somebody is at it
  };
  std::vector<Place> places(kPlaces);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread, &slot = f.new_slot(thread != 0)] {
      std::minstd_rand random(static_cast<unsigned>(thread + 1));
      for (int i = 0; i < kOperations; ++i) {
        const size_t at = random() % kPlaces;
        uint32_t size = places[at].size.exchange(1);
        if (size == 1) continue;
        if (size == 0) {
          size = 2 + random() % 1000;
          f.sites->born(slot, block_at(at), size, false, called_from(random() % 50));
        } else if (random() % 3 == 0) {
          const auto taken = f.sites->take(slot, block_at(at));
          const uint32_t new_size = 2 + random() % 1000;
          f.sites->moved(slot, taken, size, block_at(at), new_size, false, called_from(random() % 50));
          size = new_size;
        } else {
          f.sites->died(slot, block_at(at), size);
          size = 0;
        }
        places[at].size.store(size);
      }
    });
  }
  // What went is read first: never less than none, and more by what was born since, for as long as the reader
  // is kept from its processor.
  for (int i = 0; i < 20; ++i) EXPECT_LT(f.all().live_blocks, kThreads * kOperations);
  for (auto &thread : threads) thread.join();
  uint64_t blocks = 0, bytes = 0;
  for (const Place &place : places) {
    blocks += place.size != 0;
    bytes += place.size;
  }
  EXPECT_EQ(f.all().live_blocks, blocks);
  EXPECT_EQ(f.all().live_bytes, bytes);
}
