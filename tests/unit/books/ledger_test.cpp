// SPDX-License-Identifier: MIT
#include "books/ledger.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../at_first_touch.h"

using namespace heapmeter;
using entry::Form;

namespace {

// The ledger never looks at the block itself, so any address will do.
const void *at(uintptr_t address) { return reinterpret_cast<const void *>(address); }
constexpr uintptr_t kMiB = uintptr_t{1} << 20, kGiB = uintptr_t{1} << 30;
constexpr size_t kPage = ledger::kWindowEntries;

// Where nothing moves meanwhile.
void bury(const ledger::Place &place) { place.bury(place.decode()); }

struct LedgerTest : testing::Test {
  const std::unique_ptr<Ledger> made = std::make_unique<Ledger>();
  Ledger &ledger = *made;

  ledger::Place note(uintptr_t address, size_t size, size_t usable = 0, bool mapped = false) {
    const ledger::Place place = ledger.born(at(address));
    EXPECT_TRUE(place);
    place.write(size, usable, Family::kMalloc, mapped);
    return place;
  }
  entry::Decoded noted(uintptr_t address) {
    ledger::Place place;
    return ledger.look_up(at(address), place);
  }
  const uint8_t *chunk_of(uintptr_t address) { return ledger.directory()[address >> ledger::kChunkShift]; }
};
using LedgerPieces = LedgerTest;
using LedgerGivesBack = LedgerTest;

}  // namespace

TEST_F(LedgerTest, FindsNothingWhereNothingWasBorn) {
  EXPECT_FALSE(ledger.find(at(700 * kGiB + 64)));
  EXPECT_TRUE(ledger.empty());
}

TEST_F(LedgerTest, HasNoEntryForAddressesBeyondTheSpace) {
  EXPECT_FALSE(ledger.find(at(uintptr_t{1} << 60)));
  EXPECT_FALSE(ledger.born(at(uintptr_t{1} << 60)));
}

TEST_F(LedgerTest, HasAByteForEachGranule) {
  const uint8_t *first = ledger.born(at(100 * kGiB)).at();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(ledger.born(at(100 * kGiB + 16)).at(), first + 1);
  EXPECT_EQ(ledger.find(at(100 * kGiB + 4096)).at(), first + 256);
  EXPECT_EQ(chunk_of(100 * kGiB) + (100 * kGiB >> 4), first) << "what the fast path computes";
}

TEST_F(LedgerTest, HasRoomForAWideRecordAtTheEndOfAChunk) {
  note(102 * kGiB - 16, 5000, 6000);
  EXPECT_EQ(noted(102 * kGiB - 16).size, 5000u);
  EXPECT_EQ(noted(102 * kGiB - 16).usable, 6000u);
}

TEST_F(LedgerTest, KeepsTheLowestAddressesOutOfTheDirectory) {
  note(0x400010, 100);
  EXPECT_EQ(ledger.directory()[0], nullptr) << "a null pointer must never look like a block";
  EXPECT_EQ(noted(0x400010).size, 100u);
}

TEST_F(LedgerTest, KnowsALargeBlockByItsStartOnly) {
  for (const bool mapped : {false, true}) {
    const uintptr_t start = 300 * kGiB + 4096;
    const ledger::Place place = note(start, kMiB, kMiB + 4096, mapped);
    EXPECT_EQ(noted(start).size, kMiB);
    EXPECT_EQ(noted(start).usable, kMiB + 4096);
    EXPECT_EQ(noted(start).mapped, mapped);
    EXPECT_EQ(noted(start).family, Family::kMalloc);
    for (const uintptr_t other : {start - 16, start + 8, start + 16, start + 65536})
      EXPECT_FALSE(noted(other).live()) << other;
    bury(place);
    EXPECT_EQ(noted(start).form, Form::kTombstone);
    EXPECT_EQ(noted(start + 16).form, Form::kNothing);
  }
}

TEST_F(LedgerTest, KnowsASmallBlockInTheWindowOfALargeOne) {
  const ledger::Place large = note(300 * kGiB + 4096, kMiB, kMiB);
  const ledger::Place small = note(300 * kGiB + 16, 100);
  EXPECT_EQ(noted(300 * kGiB + 16).size, 100u);
  bury(small);
  bury(small);
  EXPECT_EQ(noted(300 * kGiB + 4096).size, kMiB);
  bury(large);
  note(300 * kGiB + 4096, 50);
  EXPECT_EQ(noted(300 * kGiB + 4096).size, 50u);
}

TEST_F(LedgerTest, ForgetsATombstoneWhereABlockThatIsInNoBookIsBorn) {
  for (const size_t size : {size_t{100}, size_t{kMiB}}) {
    const uintptr_t start = 300 * kGiB + 4096;
    const ledger::Place place = size == kMiB ? note(start, size, size) : note(start, size);
    place.forget_tombstone();
    place.leave_tombstone();
    EXPECT_EQ(noted(start).size, size) << "a live one stays what it is";
    bury(place);
    place.forget_tombstone();
    EXPECT_EQ(noted(start).form, Form::kNothing);
    const ledger::Place neighbour = note(start + 16, 50);
    place.leave_tombstone();
    EXPECT_EQ(noted(start).form, Form::kTombstone);
    EXPECT_EQ(noted(start + 16).size, 50u);
    bury(neighbour);
  }
}

// Of two blocks of a window the one that lives stays noted, whoever forgets the other.
TEST(LargeBlockTest, IsForgottenOnlyWhereItIsDead) {
  LargeBlock block;
  block.note(0x10000, 70'000, 131'072, Family::kMalloc, false);
  block.forget();
  EXPECT_TRUE(block.decode().live());
  block.bury();
  EXPECT_TRUE(block.was_used());
  block.forget();
  EXPECT_FALSE(block.was_used());
}

TEST_F(LedgerTest, TouchesNoPageForEachLargeBlock) {
  const size_t before = ledger.resident_bytes();
  for (uintptr_t block = 0; block < 1000; ++block)
    note(200 * kGiB + block * 128 * 1024, 100'000, 131'072, true);
  EXPECT_LE(ledger.resident_bytes() - before, 100u * 1024);
}

// Where they are made for whatever is asked for, the first entry of a chunk would take 2 MiB.
// " rd wr … nh ", of the mapping that an address is in.
std::string flags_of(uintptr_t address) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t start = 0, end = 0;
    if (sscanf(line.c_str(), "%lx-%lx ", &start, &end) == 2) here = start <= address && address < end;
    if (here && line.rfind("VmFlags:", 0) == 0) return line.substr(8) + ' ';
  }
  return {};
}

TEST_F(LedgerTest, AsksForNoHugePages) {
  void *known = mmap(nullptr, kMiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(known, kMiB, MADV_NOHUGEPAGE);
  const std::string noted = flags_of(reinterpret_cast<uintptr_t>(known));
  munmap(known, kMiB);
  if (noted.find(" nh ") == std::string::npos)
    GTEST_SKIP()
        << "who is asked for none does not note it: a kernel without them, or qemu-user in its place";
  const std::string flags = flags_of(reinterpret_cast<uintptr_t>(note(100 * kGiB, 100).at()));
  EXPECT_NE(flags.find(" nh "), std::string::npos) << flags;
}

TEST_F(LedgerTest, TellsTheBlockThatBeginsLastBeforeAnAddress) {
  const uintptr_t large = 200 * kGiB + 4096, small = 200 * kGiB + 600 * kMiB, wide = small + 4096;
  note(large, 500 * kMiB, 500 * kMiB);
  note(small, 300);
  note(wide, 9000, 9216);
  const auto start_before = [&](uintptr_t address) { return ledger.last_before(at(address)).start; };
  EXPECT_EQ(start_before(large), 0u);
  EXPECT_EQ(start_before(large + 8), large);
  EXPECT_EQ(start_before(large + 16), large);
  EXPECT_EQ(start_before(large + 400 * kMiB), large);
  EXPECT_EQ(start_before(small), large);
  for (uintptr_t within = 8; within < 300; within += 8) EXPECT_EQ(start_before(small + within), small);
  for (uintptr_t within = 8; within < 9000; within += 8) EXPECT_EQ(start_before(wide + within), wide);
  EXPECT_EQ(ledger.last_before(at(wide + 640)).noted.size, 9000u);
}

TEST_F(LedgerTest, ThreadsThatMeetInOneRangeShareItsChunk) {
  for (uintptr_t gib = 300; gib < 340; ++gib) {
    const uint8_t *found[4] = {};
    std::vector<std::thread> threads;
    for (auto &place : found)
      threads.emplace_back([this, &place, gib] { place = ledger.born(at(gib * kGiB + 32)).at(); });
    for (auto &thread : threads) thread.join();
    for (auto *place : found) EXPECT_EQ(place, found[0]);
    EXPECT_NE(found[0], nullptr);
  }
}

TEST_F(LedgerPieces, ServeWhereChunksWouldBeTooLarge) {
  ledger.use_pieces();
  for (uintptr_t i = 0; i < 200; ++i) note(500 * kGiB + i * 4 * kMiB + 48, 100 + i);
  EXPECT_EQ(chunk_of(500 * kGiB), nullptr);
  for (uintptr_t i = 0; i < 200; ++i) EXPECT_EQ(noted(500 * kGiB + i * 4 * kMiB + 48).size, 100 + i);
  EXPECT_FALSE(ledger.find(at(600 * kGiB)));
}

// However many addresses were in use: the table of a fixed size that was here once was full after 64 GiB.
TEST_F(LedgerPieces, AreNeverFull) {
  ledger.use_pieces();
  constexpr uintptr_t kMany = 40'000;
  for (uintptr_t i = 0; i < kMany; ++i) ASSERT_TRUE(ledger.born(at(600 * kGiB + i * 4 * kMiB))) << i;
  EXPECT_TRUE(ledger.is_full()) << "for looks, of which a reading says so";
  note(600 * kGiB + (kMany - 1) * 4 * kMiB, 35);
  EXPECT_EQ(noted(600 * kGiB + (kMany - 1) * 4 * kMiB).size, 35u) << "and yet counted";
}

TEST_F(LedgerPieces, AreNoMoreMadeWhenAddressesAreNotFewAnyMore) {
  ledger.use_pieces();
  EXPECT_FALSE(ledger.is_full());
  note(500 * kGiB, 35);
  ledger.use_pieces(false);
  note(500 * kGiB + 64, 36);
  EXPECT_EQ(chunk_of(500 * kGiB), nullptr) << "a piece is there";
  note(500 * kGiB + 8 * kMiB, 37);
  EXPECT_NE(chunk_of(500 * kGiB), nullptr);
  note(700 * kGiB, 38);
  EXPECT_NE(chunk_of(700 * kGiB), nullptr);
  const uintptr_t blocks[] = {500 * kGiB, 500 * kGiB + 64, 500 * kGiB + 8 * kMiB, 700 * kGiB};
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(noted(blocks[i]).size, 35 + i);
  bury(ledger.find(at(500 * kGiB)));
  EXPECT_EQ(noted(500 * kGiB).form, Form::kTombstone);
  note(500 * kGiB, 39);
  EXPECT_EQ(noted(500 * kGiB).size, 39u) << "in the chunk now";
}

TEST_F(LedgerPieces, OlderChunksStillAnswer) {
  note(100 * kGiB, 35);
  ledger.use_pieces();
  EXPECT_EQ(noted(100 * kGiB).size, 35u);
  note(100 * kGiB + 64, 36);
  EXPECT_EQ(chunk_of(100 * kGiB) + (100 * kGiB >> 4) + 4, ledger.find(at(100 * kGiB + 64)).at());
}

TEST_F(LedgerGivesBack, PagesWhoseBlocksAreAllGone) {
  std::vector<ledger::Place> places;
  const uintptr_t first = 100 * kGiB;
  for (uintptr_t i = 0; i < 1000 * 64; ++i) places.push_back(note(first + i * 1024, 1000));
  const size_t full = ledger.resident_bytes();
  EXPECT_GE(full, 1000 * kPage);
  for (size_t i = 1; i < places.size(); ++i) {
    if (i % 6400 != 0) bury(places[i]);
  }
  ledger.give_back();
  EXPECT_LE(ledger.resident_bytes(), 20 * sys::page_bytes());
  for (size_t i = 0; i < places.size(); ++i) {
    const entry::Decoded now = noted(first + i * 1024);
    ASSERT_EQ(now.form, i % 6400 == 0 ? Form::kRegular : Form::kTombstone) << i;
  }
  note(first + 1024, 77);
  EXPECT_EQ(noted(first + 1024).size, 77u);
}

// Of all that were gone there the page knew which; without it every address passes for one of them.
TEST_F(LedgerGivesBack, NoDoubtOfABlockThatIsInNoBook) {
  const uintptr_t start = 100 * kGiB + 4096;
  for (const size_t size : {size_t{100}, size_t{kMiB}}) {
    const ledger::Place place = size == kMiB ? note(start, size, size) : note(start, size);
    bury(note(start + 1600, 50));
    bury(place);
    ledger.give_back();
    ASSERT_EQ(noted(start + 3200).form, Form::kTombstone) << "nothing was given back";
    EXPECT_TRUE(noted(start + 3200).by_window);
    place.forget_tombstone();
    EXPECT_EQ(noted(start).form, Form::kNothing);
    EXPECT_EQ(noted(start + 16).form, Form::kTombstone);
    ledger.give_back();
    EXPECT_EQ(noted(start).form, Form::kNothing);
    place.leave_tombstone();
    EXPECT_EQ(noted(start).form, Form::kTombstone);
    EXPECT_FALSE(noted(start).by_window);
    place.forget_tombstone();
    EXPECT_EQ((size == kMiB ? note(start, size, size) : note(start, size)).decode().size, size);
    place.forget_tombstone();
    EXPECT_EQ(noted(start).size, size) << "a live one stays what it is";
    bury(place);
    EXPECT_EQ(noted(start).form, Form::kTombstone);
  }
}

TEST_F(LedgerGivesBack, NothingOfAnEntryThatReachesIntoThePage) {
  const uintptr_t last = 100 * kGiB + 65536 - 16;
  for (const size_t size : {size_t{40}, size_t{1025 + 8}, size_t{4000}}) {
    note(last, size);
    ledger.give_back();
    EXPECT_EQ(noted(last).size, size);
    bury(ledger.find(at(last)));
  }
  note(last, 8, 4096);  // irregular, with a second byte like a tombstone
  ledger.give_back();
  EXPECT_EQ(noted(last).size, 8u);
  bury(ledger.find(at(last)));
  note(last, 9000, 12'000);
  ledger.give_back();
  EXPECT_EQ(noted(last).usable, 12'000u);
}

TEST_F(LedgerGivesBack, APageWhoseBlockWasLookedUpBefore) {
  const ledger::Place place = ledger.born(at(100 * kGiB + 16));
  bury(place);
  EXPECT_EQ(noted(100 * kGiB + 16).form, Form::kTombstone)
      << "its release has to be seen by who brings it back";
}

// A page is seen to be free; before it goes, a block is born on it.
TEST_F(LedgerGivesBack, NoBlockThatIsBornMeanwhile) {
  constexpr uintptr_t kPages = 64;
  const auto where = [](uintptr_t page) { return 100 * kGiB + page * 65536 + 64; };
  for (uintptr_t page = 0; page < kPages; ++page) bury(note(where(page), 100));
  heapmeter::AtFirstTouch birth(ledger.find(at(where(kPages - 1))).at(), [&] { note(where(3), 77); });
  const size_t before = ledger.resident_bytes();
  ledger.give_back();
  ASSERT_TRUE(birth.done()) << "the last page was not looked at";
  EXPECT_LT(ledger.resident_bytes(), before) << "nothing was given back";
  EXPECT_EQ(noted(where(3)).size, 77u);
}

// What one thread does to its blocks while another gives back again and again what is free around them: in
// the way of the fast path, which asks nobody once it has seen the entry, and in the slow one.
TEST_F(LedgerGivesBack, WhileBlocksComeAndGo) {
  constexpr int kThreads = 3, kTurns = 3000, kBlocks = 32;
  // Entries that begin a word of eight bytes, end one, lie in two, and in two pages.
  constexpr uintptr_t kPlaces[] = {0, 6, 7, 63, 100, 4094, 4095};
  std::atomic<int> running{kThreads};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      // Windows of its own, one block in each, so that pages are free again and again.
      const uintptr_t windows = 100 * kGiB + static_cast<uintptr_t>(number) * 256 * 65536;
      for (int turn = 0; turn < kTurns; ++turn) {
        const auto size = static_cast<size_t>(turn % 6000);
        const bool regular = size <= kFineLimit;
        const uintptr_t first = windows + kPlaces[turn % std::size(kPlaces)] * 16;
        for (uintptr_t i = 0; i < kBlocks; ++i) {
          ledger.born(at(first + i * 65536)).write(size, regular ? 0 : size + 100, Family::kNew, false);
        }
        for (uintptr_t i = 0; i < kBlocks; ++i) {
          uint8_t *entry = ledger.find(at(first + i * 65536)).at();
          if (entry::regular_size(entry, Family::kNew) == size) {
            entry::bury_word(entry);
            continue;
          }
          ledger::Place place;
          const entry::Decoded now = ledger.look_up(at(first + i * 65536), place);
          if (!now.live() || now.size != size) ++wrong;
          place.bury(now);
        }
      }
      --running;
    });
  }
  while (running != 0) ledger.give_back();
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}
