// SPDX-License-Identifier: MIT
#include "books/faults.h"

#include <gtest/gtest.h>

using namespace heapmeter;
using faults::Fault;

TEST(Faults, EqualOnesAreOneRecordWithACountTheFirstDistinctOnesAreKept) {
  for (int i = 0; i < 3; ++i) faults::record(Fault::kMismatch, Family::kNewArray, FreeKind::k_delete, 40);
  faults::record(Fault::kDoubleFree, Family::kNone, FreeKind::k_free, 0);
  const faults::Record first = faults::at(0);
  EXPECT_EQ(first.fault, Fault::kMismatch);
  EXPECT_EQ(first.allocated_by, Family::kNewArray);
  EXPECT_EQ(first.released_by, FreeKind::k_delete);
  EXPECT_EQ(first.bytes, 40u);
  EXPECT_EQ(first.count, 3u);
  EXPECT_EQ(faults::at(1).fault, Fault::kDoubleFree);
  EXPECT_EQ(faults::at(2).fault, Fault::kNone);

  faults::record(Fault::kMismatch, Family::kNewArray, FreeKind::k_delete, 5'000'000);
  EXPECT_EQ(faults::at(0).bytes, 40u) << "the first one's size";
  EXPECT_EQ(faults::at(0).count, 4u);
  for (int kind = 0; kind < static_cast<int>(FreeKind::kCount); ++kind) {
    for (const Family family : {Family::kMalloc, Family::kNew, Family::kNewArray}) {
      faults::record(Fault::kSizeMismatch, family, static_cast<FreeKind>(kind), 7);
    }
  }
  EXPECT_EQ(faults::at(faults::kRecords - 1).fault, Fault::kSizeMismatch) << "no more places than these";
  EXPECT_EQ(faults::at(faults::kRecords).fault, Fault::kNone);
}

TEST(Faults, NamesAreThoseOfTheSchema) {
  EXPECT_STREQ(faults::name(Fault::kSizeMismatch), "size_mismatch");
  EXPECT_STREQ(faults::name(Family::kNewArray), "new_array");
  EXPECT_STREQ(faults::name(FreeKind::k_delete_array_sized), "delete_array_sized");
}
