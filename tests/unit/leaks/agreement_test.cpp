// SPDX-License-Identifier: MIT
#include "leaks/agreement.h"

#include <gtest/gtest.h>

#include <memory>

using namespace heapmeter;
using heapmeter::leaks::Blocks;

namespace {

constexpr uintptr_t kStart = uintptr_t{5} << 30;

// Nobody's memory: only the ledger knows of these blocks, and only the bins have counted them.
class Agreement : public ::testing::Test {
 protected:
  void noted(size_t bytes) {
    const auto place = ledger_->born(reinterpret_cast<void *>(next_));
    ASSERT_TRUE(place);
    place.write(bytes, bytes > kFineLimit ? (bytes + 4095) & ~size_t{4095} : 0, Family::kMalloc, false);
    next_ += uintptr_t{1} << 20;
  }
  void counted(size_t bytes, uint64_t born, uint64_t dead) {
    Cell &cell = bytes <= kFineLimit ? bins_->fine[fine_bin(static_cast<uint32_t>(bytes))]
                                     : bins_->coarse[coarse_bin(bytes)].requested;
    cell.blocks_in += born;
    cell.blocks_out += dead;
  }
  uint64_t told_by_half() {
    Blocks blocks;
    EXPECT_TRUE(blocks.take(*ledger_, nullptr));
    return leaks::told_by_half(blocks, *bins_);
  }

  std::unique_ptr<Ledger> ledger_ = std::make_unique<Ledger>();
  std::unique_ptr<Bins> bins_ = std::make_unique<Bins>();
  uintptr_t next_ = kStart;
};

TEST_F(Agreement, IsThereWhereEachBlockIsNotedAndCounted) {
  for (const size_t bytes : {0, 1, 16, 17, 1024, 1025, 4096, 4097, 5120, 5121, 300000}) {
    noted(bytes);
    counted(bytes, 3, 2);
  }
  EXPECT_EQ(told_by_half(), 0u);
}

TEST_F(Agreement, TellsBirthsAndDeathsThatOnlyOneSideKnows) {
  noted(100);
  EXPECT_EQ(told_by_half(), 1u) << "born, not counted yet";
  counted(5000, 1, 0);
  EXPECT_EQ(told_by_half(), 2u) << "counted, not noted yet";
  noted(64);
  counted(64, 1, 1);
  EXPECT_EQ(told_by_half(), 3u) << "counted as freed, still noted";
}

TEST_F(Agreement, DoesNotSetOneSizeOffAgainstAnother) {
  noted(2000);
  counted(1000, 1, 0);
  EXPECT_EQ(told_by_half(), 2u) << "as many blocks on either side";
}

TEST_F(Agreement, IsExplainedByACallOfEachThread) {
  EXPECT_TRUE(leaks::explained(2, 1)) << "moved: of one size no more, of another not yet";
  EXPECT_FALSE(leaks::explained(3, 1));
  EXPECT_FALSE(leaks::explained(1, 0));
  EXPECT_TRUE(leaks::explained(400, 200));
}

}  // namespace
