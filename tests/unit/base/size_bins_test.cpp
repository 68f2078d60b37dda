// SPDX-License-Identifier: MIT
#include "base/size_bins.h"

#include <gtest/gtest.h>

#include "backend/allocator.h"
#include "books/counters.h"

using namespace heapmeter;

TEST(SizeBins, FineBinHoldsSixteenSizes) {
  EXPECT_EQ(fine_bin(0), 0u);
  EXPECT_EQ(fine_bin(1), 1u);
  EXPECT_EQ(fine_bin(16), 1u);
  EXPECT_EQ(fine_bin(17), 2u);
  EXPECT_EQ(fine_bin(kFineLimit), kFineBins - 1);
}

TEST(SizeBins, FineBinLiesInOneSizeClassOfTheBackend) {
  for (size_t bytes = 1; bytes <= kFineLimit; ++bytes) {
    EXPECT_EQ(backend::class_bytes(bytes),
              backend::class_bytes(fine_bin(static_cast<uint32_t>(bytes)) * kGranule))
        << bytes;
  }
}

TEST(SizeBins, ClassBytesAreWhatAFreshBlockHas) {
  for (size_t bytes = 0; bytes <= kFineLimit; ++bytes) {
    void *block = backend::allocate(bytes < kLeastRequest ? kLeastRequest : bytes);
    EXPECT_EQ(backend::usable_bytes(block), backend::class_bytes(bytes)) << bytes;
    backend::release(block);
  }
}

TEST(SizeBins, CoarseBinsAreAscendingAndEndAtTheirBytes) {
  for (size_t bin = 0; bin + 1 < kCoarseBins; ++bin) {
    EXPECT_EQ(coarse_bin(coarse_bin_bytes(bin)), bin);
    EXPECT_EQ(coarse_bin(coarse_bin_bytes(bin) + 1), bin + 1);
  }
  EXPECT_EQ(coarse_bin(~size_t{0}), kCoarseBins - 1);
}

TEST(SizeBins, EveryBinBeginsWhereTheOneBeforeEnds) {
  EXPECT_EQ(fine_bin_least(0), 0u);
  for (size_t bin = 1; bin < kFineBins; ++bin) {
    EXPECT_EQ(fine_bin(static_cast<uint32_t>(fine_bin_least(bin))), bin);
    EXPECT_EQ(fine_bin(static_cast<uint32_t>(fine_bin_least(bin) - 1)), bin - 1);
  }
  EXPECT_EQ(coarse_bin_least(0), kFineLimit + 1);
  for (size_t bin = 1; bin < kCoarseBins; ++bin) {
    EXPECT_EQ(coarse_bin(coarse_bin_least(bin)), bin);
    EXPECT_EQ(coarse_bin(coarse_bin_least(bin) - 1), bin - 1);
  }
}

TEST(SizeBins, FineCellIsTheBinsCell) {
  static Counters counters;
  for (uint32_t bytes = 0; bytes <= kFineLimit; ++bytes) {
    EXPECT_EQ(&fine_cell(counters, bytes), &counters.fine[fine_bin(bytes)]);
  }
}
