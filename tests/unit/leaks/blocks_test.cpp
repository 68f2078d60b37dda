// SPDX-License-Identifier: MIT
#include "leaks/blocks.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

using namespace heapmeter;
using heapmeter::leaks::Blocks;

namespace {

constexpr uintptr_t kGiB = uintptr_t{1} << 30;

// Nobody's memory: only the ledger knows of these blocks.
class BlocksOfALedger : public ::testing::Test {
 protected:
  void born(uintptr_t start, size_t bytes) {
    const auto place = ledger_->born(reinterpret_cast<void *>(start));
    ASSERT_TRUE(place);
    // As large ones are noted: with their usable bytes.
    place.write(bytes, bytes > kFineLimit ? (bytes + 4095) & ~size_t{4095} : 0, Family::kMalloc, false);
    all_[start] = bytes;
  }
  uintptr_t expected(uintptr_t address) const {
    auto next = all_.upper_bound(address);
    if (next == all_.begin()) return 0;
    --next;
    const size_t extent = next->second == 0 ? kGranule : (next->second + kGranule - 1) / kGranule * kGranule;
    return address - next->first < extent ? next->first : 0;
  }

  std::unique_ptr<Ledger> ledger_ = std::make_unique<Ledger>();
  std::map<uintptr_t, size_t> all_;
  Blocks blocks_;
};

TEST_F(BlocksOfALedger, AreGoneThroughWhereNothingReachedThem) {
  std::mt19937_64 random(3);
  for (uintptr_t at = 6 * kGiB; all_.size() < 3000; at += 48 + random() % 4 * 1008) born(at, 40);
  born(9 * kGiB, 40);
  ASSERT_TRUE(blocks_.take(*ledger_, nullptr));
  std::vector<uintptr_t> unreached;
  for (const auto &[start, bytes] : all_) {
    if (random() % 3 == 0) {
      unreached.push_back(start);
    } else {
      blocks_.reach(start);
    }
  }
  std::vector<uintptr_t> found;
  for (uintptr_t at = 0; (at = blocks_.first_unreached_from(at)) != 0; at += kGranule) found.push_back(at);
  EXPECT_EQ(found, unreached);
}

TEST_F(BlocksOfALedger, AreFoundFromWithin) {
  born(5 * kGiB + 64, 40);
  born(5 * kGiB + 128, 100);
  ASSERT_TRUE(blocks_.take(*ledger_, nullptr));
  EXPECT_EQ(blocks_.blocks(), 2u);
  EXPECT_EQ(blocks_.bytes(), 140u);
  EXPECT_EQ(blocks_.around(5 * kGiB + 64), 5 * kGiB + 64);
  EXPECT_EQ(blocks_.around(5 * kGiB + 64 + 40), 5 * kGiB + 64) << "just behind";
  EXPECT_EQ(blocks_.around(5 * kGiB + 64 + 48), 0u);
  EXPECT_EQ(blocks_.around(5 * kGiB + 63), 0u);
  EXPECT_EQ(blocks_.around((5 * kGiB + 130) | uintptr_t{0xfff7} << 48), 5 * kGiB + 128) << "tagged";
  EXPECT_EQ(blocks_.around(0), 0u);
  EXPECT_EQ(blocks_.around(UINTPTR_MAX), 0u);
}

TEST_F(BlocksOfALedger, ReachOverManyGiB) {
  born(7 * kGiB - 65536, 3 * kGiB);
  ASSERT_TRUE(blocks_.take(*ledger_, nullptr));
  for (const uintptr_t at : {7 * kGiB - 65536, 7 * kGiB, 8 * kGiB + 12345, 10 * kGiB - 65536 - 1})
    EXPECT_EQ(blocks_.around(at), 7 * kGiB - 65536) << at;
  EXPECT_EQ(blocks_.around(10 * kGiB), 0u);
}

TEST_F(BlocksOfALedger, AreReachedOnce) {
  born(5 * kGiB, 32);
  born(5 * kGiB + 32, 32);
  ASSERT_TRUE(blocks_.take(*ledger_, nullptr));
  EXPECT_FALSE(blocks_.is_reached(5 * kGiB));
  EXPECT_TRUE(blocks_.reach(5 * kGiB));
  EXPECT_FALSE(blocks_.reach(5 * kGiB));
  EXPECT_TRUE(blocks_.is_reached(5 * kGiB));
  EXPECT_FALSE(blocks_.is_reached(5 * kGiB + 32));
  blocks_.note_pointed_at(5 * kGiB + 32);
  EXPECT_TRUE(blocks_.is_pointed_at(5 * kGiB + 32));
  EXPECT_FALSE(blocks_.is_pointed_at(5 * kGiB));
}

TEST_F(BlocksOfALedger, AreWhatTheLedgerHasWhereverTheyLie) {
  std::mt19937_64 random(11);
  uintptr_t end = kGiB;
  for (int i = 0; i < 5000; ++i) {
    // Far apart and close together.
    const unsigned shift = 5 + random() % (i % 100 == 0 ? 30 : 12);
    const uintptr_t start = (end + (random() & ((uintptr_t{1} << shift) - 1)) + 31) & -uintptr_t{32};
    const size_t bytes = 17 + random() % (i % 50 == 0 ? 300'000 : 3000);
    born(start, bytes);
    end = start + bytes;
  }
  ASSERT_TRUE(blocks_.take(*ledger_, nullptr));
  EXPECT_EQ(blocks_.blocks(), all_.size());
  for (const auto &[start, bytes] : all_) {
    for (const uintptr_t at : {start, start + bytes / 2, start + bytes - 1, start + bytes + 40, start - 1})
      ASSERT_EQ(blocks_.around(at), expected(at)) << at;
  }
  auto expected_next = all_.begin();
  for (uintptr_t at = 0; (at = blocks_.first_from(at)) != 0; at += kGranule, ++expected_next)
    ASSERT_EQ(at, expected_next->first);
  EXPECT_EQ(expected_next, all_.end());
}

TEST_F(BlocksOfALedger, ThereMayBeNone) {
  ASSERT_TRUE(blocks_.take(*ledger_, nullptr));
  EXPECT_EQ(blocks_.around(5 * kGiB), 0u);
  EXPECT_EQ(blocks_.first_from(0), 0u);
}

}  // namespace
