// SPDX-License-Identifier: MIT
#include "books/moved_entries.h"

#include <gtest/gtest.h>

#include <cstring>

#include "books/entry.h"

using namespace heapmeter;

namespace {

constexpr size_t kBytes = 128;

// Two pages' middle, as it were: what was moved, between bytes that never went away.
struct MovedEntriesTest : testing::Test {
  alignas(8) uint8_t old_place[3 * kBytes] = {};
  alignas(8) uint8_t elsewhere[kBytes] = {};
  uint8_t *const here = old_place + kBytes;
  const ledger::MovedEntries moved{here, elsewhere, kBytes};
};

void bury(uint8_t *at) { entry::bury(at, *at == entry::kWide); }
size_t size_at(const uint8_t *at) { return entry::decode(at).size; }
bool live_at(const uint8_t *at) { return entry::decode(at).live(); }

}  // namespace

TEST_F(MovedEntriesTest, ComeBackWhereverTheyLie) {
  for (size_t at = 0; at + 2 <= kBytes; ++at) {
    std::memset(old_place, 0, sizeof old_place);
    entry::write_regular(elsewhere + at, at + 1, Family::kNew);
    moved.bring_back();
    EXPECT_EQ(size_at(here + at), at + 1) << at;
    EXPECT_FALSE(live_at(elsewhere + at)) << "brought back twice";
  }
}

TEST_F(MovedEntriesTest, ComeBackBesideEachOther) {
  for (size_t at = 0; at < kBytes; at += 2)
    entry::write_regular(elsewhere + at, 17 + at / 8, Family::kMalloc);
  moved.bring_back();
  for (size_t at = 0; at < kBytes; at += 2) EXPECT_EQ(size_at(here + at), 17 + at / 8) << at;
}

TEST_F(MovedEntriesTest, ComeBackWhole) {
  for (size_t at = 0; at + entry::kWideBytes <= kBytes; ++at) {
    std::memset(old_place, 0, sizeof old_place);
    entry::write_wide(elsewhere + at, 50'000, 60'000 + at, Family::kNewArray);
    moved.bring_back();
    EXPECT_EQ(size_at(here + at), 50'000u) << at;
    EXPECT_EQ(entry::decode(here + at).usable, 60'000 + at) << at;
  }
}

TEST_F(MovedEntriesTest, ComeBackOfBlocksThatAreInNoBook) {
  for (const size_t at : {size_t{0}, size_t{7}, kBytes - 1}) {
    elsewhere[at] = entry::kInNoBook;
    moved.bring_back();
    EXPECT_EQ(here[at], entry::kInNoBook) << at;
    here[at] = entry::kTombstone;
    elsewhere[at] = entry::kInNoBook;
    moved.bring_back();
    EXPECT_EQ(here[at], entry::kTombstone) << at << ": released meanwhile";
  }
}

TEST_F(MovedEntriesTest, LeaveWhatWasReleasedMeanwhile) {
  for (size_t at = 0; at + 2 <= kBytes; ++at) {
    std::memset(old_place, 0, sizeof old_place);
    entry::write_regular(elsewhere + at, 100, Family::kMalloc);
    bury(here + at);
    moved.bring_back();
    EXPECT_EQ(here[at], entry::kTombstone) << at;
    EXPECT_EQ(here[at + 1], entry::kNothing) << at;
  }
}

TEST_F(MovedEntriesTest, LeaveWhatWasResizedMeanwhile) {
  for (size_t at = 0; at + entry::kWideBytes <= kBytes; ++at) {
    std::memset(old_place, 0, sizeof old_place);
    entry::write_wide(elsewhere + at, 50'000, 60'000, Family::kMalloc);
    entry::write_regular(here + at, 3000, Family::kMalloc);
    moved.bring_back();
    EXPECT_EQ(size_at(here + at), 3000u) << at;
    for (size_t i = 2; i < entry::kWideBytes; ++i) ASSERT_EQ(here[at + i], 0) << at << '+' << i;
  }
}

TEST_F(MovedEntriesTest, LeaveWhatWasBornMeanwhile) {
  entry::write_regular(elsewhere + 20, 100, Family::kMalloc);
  entry::write_regular(here + 30, 200, Family::kNew);
  entry::write_regular(here + 18, 30, Family::kNew);
  moved.bring_back();
  EXPECT_EQ(size_at(here + 20), 100u);
  EXPECT_EQ(size_at(here + 30), 200u);
  EXPECT_EQ(size_at(here + 18), 30u);
}

TEST_F(MovedEntriesTest, AreJoinedToWhatNeverWentAway) {
  for (const size_t size : {size_t{40}, size_t{4000}}) {
    // Its first byte was moved, its second is behind; and the other way round.
    std::memset(old_place, 0, sizeof old_place);
    uint8_t *last = here + kBytes - 1, *before = here - 1;
    entry::write_regular(last, size, Family::kNew);
    entry::write_regular(before, size, Family::kNew);
    elsewhere[kBytes - 1] = *last;
    elsewhere[0] = here[0];
    here[kBytes - 1] = here[0] = 0;
    moved.bring_back();
    EXPECT_EQ(size_at(here + kBytes - 1), size);
    EXPECT_EQ(size_at(before), size);
  }
}

TEST_F(MovedEntriesTest, LeaveTheEndOfWhatWasReleasedInPart) {
  entry::write_regular(here - 1, 40, Family::kNew);
  elsewhere[0] = here[0];
  here[0] = 0;
  bury(here - 1);
  moved.bring_back();
  EXPECT_EQ(here[-1], entry::kTombstone);
  EXPECT_EQ(here[0], entry::kNothing);
}

TEST_F(MovedEntriesTest, AreFinishedByAHandlerThatComesInBetween) {
  entry::write_wide(elsewhere + 7, 50'000, 60'000, Family::kMalloc);
  here[7] = elsewhere[7];
  moved.bring_back();
  EXPECT_EQ(entry::decode(here + 7).usable, 60'000u);
}
