// SPDX-License-Identifier: MIT
#include "books/ledger.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "books/entry.h"

using namespace heapmeter;

namespace {

// The ledger never looks at the block itself, so any address will do.
const void *at(uintptr_t address) { return reinterpret_cast<const void *>(address); }
constexpr uintptr_t kGiB = uintptr_t{1} << 30;

}  // namespace

TEST(Ledger, NothingIsFoundWhereNothingWasBorn) { EXPECT_EQ(ledger::find(at(700 * kGiB + 64)), nullptr); }

TEST(Ledger, AddressesBeyondTheSpaceHaveNoEntry) {
  EXPECT_EQ(ledger::find(at(uintptr_t{1} << 60)), nullptr);
  EXPECT_EQ(ledger::born(at(uintptr_t{1} << 60)), nullptr);
}

TEST(Ledger, EachGranuleHasAByteOfItsOwn) {
  uint8_t *first = ledger::born(at(100 * kGiB));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(ledger::born(at(100 * kGiB + 16)), first + 1);
  EXPECT_EQ(ledger::find(at(100 * kGiB + 4096)), first + 256);
  EXPECT_EQ(ledger::directory[100] + (100 * kGiB >> 4), first) << "what the fast path computes";
}

TEST(Ledger, WideRecordAtTheEndOfAChunkHasRoom) {
  uint8_t *last = ledger::born(at(102 * kGiB - 16));
  ASSERT_NE(last, nullptr);
  entry::write_wide(last, 1 << 20, 1 << 20, Family::kMalloc);
  EXPECT_EQ(entry::decode(ledger::find(at(102 * kGiB - 16))).size, 1u << 20);
}

TEST(Ledger, LowestGiBIsKeptOutOfTheDirectory) {
  uint8_t *entry = ledger::born(at(0x400010));
  ASSERT_NE(entry, nullptr);
  *entry = 0x55;
  EXPECT_EQ(ledger::directory[0], nullptr) << "a null pointer must never look like a block";
  EXPECT_EQ(ledger::find(at(0x400010)), entry);
}

TEST(Ledger, ResidentBytesGrowWithTheEntriesWritten) {
  const size_t before = ledger::resident_bytes();
  for (uintptr_t page = 0; page < 64; ++page) *ledger::born(at(200 * kGiB + page * 65536)) = 1;
  const size_t grown = ledger::resident_bytes() - before;
  EXPECT_GE(grown, 64u * 4096);
}

TEST(Ledger, ThreadsThatMeetInOneGiBShareItsChunk) {
  for (uintptr_t gib = 300; gib < 340; ++gib) {
    uint8_t *found[4] = {};
    std::vector<std::thread> threads;
    for (auto &place : found)
      threads.emplace_back([&place, gib] { place = ledger::born(at(gib * kGiB + 32)); });
    for (auto &thread : threads) thread.join();
    for (auto *place : found) EXPECT_EQ(place, found[0]);
    EXPECT_NE(found[0], nullptr);
  }
}

// Last: there is no way back from pieces.
TEST(LedgerPieces, ServeWhereChunksWouldBeTooLarge) {
  ledger::use_pieces();
  std::vector<uint8_t *> entries;
  for (uintptr_t i = 0; i < 200; ++i) {
    uint8_t *entry = ledger::born(at(500 * kGiB + i * (uintptr_t{4} << 20) + 48));
    ASSERT_NE(entry, nullptr) << i;
    *entry = static_cast<uint8_t>(i + 1);
    entries.push_back(entry);
  }
  EXPECT_EQ(ledger::directory[500], nullptr);
  for (uintptr_t i = 0; i < 200; ++i) {
    EXPECT_EQ(ledger::find(at(500 * kGiB + i * (uintptr_t{4} << 20) + 48)), entries[i]);
    EXPECT_EQ(*entries[i], static_cast<uint8_t>(i + 1));
  }
  EXPECT_EQ(ledger::find(at(600 * kGiB)), nullptr);
}

TEST(LedgerPieces, OlderChunksStillAnswer) {
  uint8_t *entry = ledger::born(at(100 * kGiB));
  *entry = 0x23;
  EXPECT_EQ(*ledger::find(at(100 * kGiB)), 0x23);
}
