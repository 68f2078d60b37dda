// SPDX-License-Identifier: MIT
#include "sites/block_sites.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

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
