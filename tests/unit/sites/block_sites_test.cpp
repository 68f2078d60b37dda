// SPDX-License-Identifier: MIT
#include "sites/block_sites.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "../at_first_touch.h"
#include "base/sys.h"

using namespace heapmeter::sites;

namespace {

// No memory is there: only the addresses count.
const void *block_at(uintptr_t address) { return reinterpret_cast<const void *>(address); }

struct Fixture {
  std::unique_ptr<BlockSites> blocks = std::make_unique<BlockSites>();
  Fixture() { EXPECT_TRUE(blocks->map()); }
  ~Fixture() { blocks->unmap(); }
};

}  // namespace

TEST(BlockSites, HaveAWordForEachGranule) {
  Fixture f;
  EXPECT_EQ(f.blocks->find(block_at(0x7f0012345670)), nullptr);
  uint32_t *word = f.blocks->born(block_at(0x7f0012345670));
  ASSERT_NE(word, nullptr);
  EXPECT_EQ(*word, 0u);
  *word = 7;
  EXPECT_EQ(f.blocks->find(block_at(0x7f0012345670)), word);
  EXPECT_EQ(f.blocks->find(block_at(0x7f0012345680)), word + 1);
  EXPECT_EQ(f.blocks->born(block_at(0x7f0012345660)), word - 1);
}

TEST(BlockSites, ReachFromTheLowestToTheHighestAddress) {
  Fixture f;
  EXPECT_NE(f.blocks->born(block_at(0x10000)), nullptr);
  EXPECT_NE(f.blocks->born(block_at((uintptr_t{1} << heapmeter::ledger::kAddressBits) - 16)), nullptr);
  EXPECT_EQ(f.blocks->born(block_at(uintptr_t{1} << heapmeter::ledger::kAddressBits)), nullptr);
}

TEST(BlockSites, ForgetAllWhenCleared) {
  Fixture f;
  *f.blocks->born(block_at(0x7f0012345670)) = 7;
  *f.blocks->born(block_at(0x7f1012345670)) = 8;
  f.blocks->clear();
  EXPECT_EQ(*f.blocks->find(block_at(0x7f0012345670)), 0u);
  EXPECT_EQ(*f.blocks->find(block_at(0x7f1012345670)), 0u);
}

TEST(BlockSites, GiveBackPagesOfWhatIsGone) {
  Fixture f;
  constexpr uintptr_t kFirst = 0x7f0000000000, kPage = 16 * 1024;  // of heap, whose words fill one
  const auto resident = [&] {
    size_t cursor = 0;
    const void *chunk = f.blocks->next(cursor);
    return heapmeter::sys::resident_bytes(chunk, BlockSites::kChunkBytes);
  };
  constexpr uintptr_t kPages = 1000;
  for (uintptr_t i = 0; i < kPages * kPage; i += 64) *f.blocks->born(block_at(kFirst + i)) = 7;
  EXPECT_GE(resident(), kPages * 4096);
  for (uintptr_t i = 0; i < kPages * kPage; i += 64) {
    if (i % (100 * kPage) != 64) *f.blocks->find(block_at(kFirst + i)) = BlockSites::kGone;
  }
  f.blocks->give_back();
  EXPECT_LE(resident(), 20u * 4096) << "ten have a block that lives";
  for (uintptr_t i = 0; i < kPages * kPage; i += 64)
    ASSERT_EQ(f.blocks->read(f.blocks->find(block_at(kFirst + i))), i % (100 * kPage) == 64 ? 7u : 0u);
}

TEST(BlockSites, ComeBackWhereNothingIsByThen) {
  constexpr uint32_t kGone = BlockSites::kGone, kSampled = BlockSites::kSampled;
  uint32_t here[] = {0, 0, 0, kGone, 9, 0}, there[] = {0, 7, kGone, 8, 8, 5 | kSampled};
  BlockSites::bring_back(
      {reinterpret_cast<uint8_t *>(here), reinterpret_cast<uint8_t *>(there), sizeof here});
  EXPECT_EQ(std::vector(std::begin(here), std::end(here)),
            (std::vector<uint32_t>{0, 7, 0, kGone, 9, 5 | kSampled}));
}

// A page is seen to be free; before it goes, a block is born on it, and before it is read another goes.
TEST(BlockSites, GiveBackNoBlockThatIsBornMeanwhile) {
  constexpr uintptr_t kFirst = 0x7f0000000000, kPage = 16 * 1024, kPages = 64;
  Fixture f;
  const auto word = [&](uintptr_t page) { return f.blocks->born(block_at(kFirst + page * kPage + 64)); };
  for (uintptr_t page = 0; page < kPages; ++page) *word(page) = BlockSites::kGone;
  heapmeter::AtFirstTouch birth(word(kPages - 1), [&] { *word(3) = 7; });
  f.blocks->give_back();
  ASSERT_TRUE(birth.done()) << "the last page was not looked at";
  EXPECT_EQ(f.blocks->read(word(3)), 7u);
  EXPECT_EQ(f.blocks->read(word(4)), 0u);
  EXPECT_EQ(*word(4), 0u) << "nothing was given back";
}

// What threads note of their blocks while another gives back again and again what is free around them.
TEST(BlockSites, GiveBackWhileBlocksComeAndGo) {
  constexpr int kThreads = 3, kTurns = 3000, kBlocks = 32;
  constexpr uintptr_t kPage = 16 * 1024;
  Fixture f;
  std::atomic<int> running{kThreads}, wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      // Pages of its own, one block on each, so that they are free again and again.
      const uintptr_t pages = 0x7f0000000000 + static_cast<uintptr_t>(number) * 256 * kPage;
      for (uint32_t turn = 1; turn <= kTurns; ++turn) {
        const uintptr_t first = pages + turn % 1024 * 16;
        for (uintptr_t i = 0; i < kBlocks; ++i) *f.blocks->born(block_at(first + i * kPage)) = turn;
        for (uintptr_t i = 0; i < kBlocks; ++i) {
          uint32_t *place = f.blocks->find(block_at(first + i * kPage));
          if (f.blocks->read(place) != turn) ++wrong;
          *place = BlockSites::kGone;
        }
      }
      --running;
    });
  }
  while (running != 0) f.blocks->give_back();
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(BlockSites, MapAChunkOnceForThreadsThatComeAtOnce) {
  for (int round = 0; round < 50; ++round) {
    Fixture f;
    std::vector<uint32_t *> words(4);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < words.size(); ++i) {
      threads.emplace_back([&, i] { words[i] = f.blocks->born(block_at(0x7f0000000000 + 16 * i)); });
    }
    for (auto &thread : threads) thread.join();
    for (size_t i = 1; i < words.size(); ++i) ASSERT_EQ(words[i], words[0] + i);
    size_t cursor = 0, chunks = 0;
    while (f.blocks->next(cursor) != nullptr) ++chunks;
    EXPECT_EQ(chunks, 1u);
  }
}
