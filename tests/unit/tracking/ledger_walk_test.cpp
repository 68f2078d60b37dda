// SPDX-License-Identifier: MIT
//
// What the ledger says block by block is what the counters say in sum, whatever was done to the blocks.
#include "books/ledger_walk.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "backend/allocator.h"
#include "books/snapshot.h"
#include "tracking/tracked_heap.h"

using namespace heapmeter;

namespace {

struct Block {
  void *start;
  Family family;
  size_t bytes;
};

// By each way there is to a block, of each form and size.
Block allocate(std::mt19937_64 &random) {
  static constexpr size_t kMost[] = {40, 500, 1100, 5000, 40'000, 200'000};
  const size_t bytes = random() % kMost[random() % std::size(kMost)];
  const size_t alignment = size_t{16} << random() % 10;
  switch (random() % 6) {
    case 0:
      return {tracked_heap::allocate<AllocationKind::k_new, Family::kNew>(bytes), Family::kNew, bytes};
    case 1:
      return {tracked_heap::allocate<AllocationKind::k_new_array, Family::kNewArray>(bytes),
              Family::kNewArray, bytes};
    case 2:
      return {tracked_heap::allocate<AllocationKind::k_calloc, Family::kMalloc, true>(bytes), Family::kMalloc,
              bytes};
    case 3:
      return {tracked_heap::allocate_aligned<AllocationKind::k_aligned, Family::kMalloc>(bytes, alignment),
              Family::kMalloc, bytes};
    default:
      return {tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes), Family::kMalloc,
              bytes};
  }
}

void release(const Block &block) {
  switch (block.family) {
    case Family::kNew:
      return tracked_heap::release<FreeKind::k_delete_sized, Family::kNew, true>(block.start, block.bytes);
    case Family::kNewArray:
      return tracked_heap::release<FreeKind::k_delete_array, Family::kNewArray>(block.start);
    default:
      return tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block.start);
  }
}

void churn(std::vector<Block> &blocks, unsigned seed, int turns) {
  std::mt19937_64 random(seed);
  for (int turn = 0; turn < turns; ++turn) {
    const size_t at = random() % blocks.size();
    Block &block = blocks[at];
    if (block.start == nullptr) {
      block = allocate(random);
      ASSERT_NE(block.start, nullptr);
      std::memset(block.start, 0xa5, block.bytes);
    } else if (block.family == Family::kMalloc && random() % 2 == 0) {
      // A little smaller or larger, which stays where it is, or anything.
      const size_t bytes = 1 + (random() % 2 == 0 ? block.bytes * 7 / 8 + random() % 64 : random() % 3000);
      block.start = tracked_heap::reallocate(block.start, bytes);
      ASSERT_NE(block.start, nullptr);
      block.bytes = bytes;
    } else {
      release(block);
      block = {};
    }
  }
}

void expect_walk_to_find(const std::vector<Block> &blocks) {
  std::map<uintptr_t, Block> expected;
  uint64_t bytes = 0, usable = 0;
  for (const Block &block : blocks) {
    if (block.start == nullptr) continue;
    expected[reinterpret_cast<uintptr_t>(block.start)] = block;
    bytes += block.bytes;
    usable += tracked_heap::usable_bytes(block.start);
  }
  // What it finds is kept first: gtest allocates, too, but not by what is metered here.
  std::vector<ledger::Known> found;
  LedgerWalk walk(the_ledger);
  for (ledger::Known known; walk.next(known);) found.push_back(known);
  EXPECT_EQ(found.size(), expected.size());
  for (const ledger::Known &known : found) {
    const auto block = expected.find(known.start);
    ASSERT_NE(block, expected.end()) << "a block that is not there, of " << known.noted.size;
    EXPECT_EQ(known.noted.size, block->second.bytes);
    EXPECT_EQ(known.noted.family, block->second.family);
    expected.erase(block);
  }
  heapmeter_snapshot now;
  snapshot::take(now);
  EXPECT_EQ(now.live_blocks, found.size());
  EXPECT_EQ(now.live_bytes, bytes);
  EXPECT_EQ(now.usable_bytes, usable);
}

void expect_walk_to_equal_the_counters() {
  std::vector<Block> blocks(3000);
  for (unsigned round = 0; round < 5; ++round) {
    churn(blocks, round, 20'000);
    expect_walk_to_find(blocks);
  }
  // What one thread allocated others resize and release.
  std::vector<std::vector<Block>> shares(4);
  for (size_t at = 0; at < blocks.size(); ++at) shares[at % shares.size()].push_back(blocks[at]);
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < shares.size(); ++number) {
    threads.emplace_back([&shares, number] { churn(shares[number], 100 + number, 20'000); });
#if defined(__SANITIZE_THREAD__)
    // How mimalloc hands a block's room from one thread to another is not compiled for it: one at a time.
    threads.back().join();
#endif
  }
  for (auto &thread : threads) {
    if (thread.joinable()) thread.join();
  }
  blocks.clear();
  for (const auto &share : shares) blocks.insert(blocks.end(), share.begin(), share.end());
  expect_walk_to_find(blocks);
  for (const Block &block : blocks) {
    if (block.start != nullptr) release(block);
  }
  expect_walk_to_find({});
}

}  // namespace

// What goes through all blocks can say that there may be more.
TEST(LedgerWalk, SaysWhenThereAreMorePiecesThanTheLedgerKnows) {
  constexpr uintptr_t kFirst = uintptr_t{100} << 30, kPiece = uintptr_t{4} << 20, kMost = 32768;
  const auto made = std::make_unique<Ledger>();
  made->use_pieces();
  for (uintptr_t piece = 0; piece < kMost; ++piece) {
    if (piece == kMost - 1) {
      EXPECT_TRUE(LedgerWalk::reaches_all(*made));
    }
    ASSERT_TRUE(made->born(reinterpret_cast<void *>(kFirst + piece * kPiece)));
  }
  EXPECT_FALSE(LedgerWalk::reaches_all(*made));
}

TEST(LedgerWalk, EqualsTheCounters) {
  tracked_heap::begin();
  expect_walk_to_equal_the_counters();
}

TEST(LedgerWalk, EqualsTheCountersOnTheProgramsOwnAllocator) {
  tracked_heap::begin();
  mode::add(mode::kOtherBackend);
  backend::next = next_heap::libc();
  ASSERT_NE(backend::next, nullptr);
  expect_walk_to_equal_the_counters();
  backend::next = nullptr;
  mode::remove(mode::kOtherBackend);
}

TEST(LedgerWalk, PassesOverPagesThatWereNeverWritten) {
  auto ledger = std::make_unique<Ledger>();
  const void *block = reinterpret_cast<const void *>(uintptr_t{100} << 30);
  ledger->born(block).write(100, 0, Family::kMalloc, false);
  const size_t before = ledger->resident_bytes();
  LedgerWalk walk(*ledger);
  ledger::Known known;
  ASSERT_TRUE(walk.next(known));
  EXPECT_EQ(known.start, reinterpret_cast<uintptr_t>(block));
  EXPECT_FALSE(walk.next(known));
  EXPECT_LE(ledger->resident_bytes(), before + 3 * 4096u);
}
