// SPDX-License-Identifier: MIT
#include "books/faults.cpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "interleavings.h"

using namespace heapmeter;
using faults::Fault;
using heapmeter::testing::Interleaving;

TEST(Faults, EqualOnesAreOneRecordWithACountTheFirstDistinctOnesAreKept) {
  Faults faults;
  for (int i = 0; i < 3; ++i) faults.record(Fault::kMismatch, Family::kNewArray, FreeKind::k_delete, 40);
  faults.record(Fault::kDoubleFree, Family::kNone, FreeKind::k_free, 0);
  const faults::Record first = faults.at(0);
  EXPECT_EQ(first.fault, Fault::kMismatch);
  EXPECT_EQ(first.allocated_by, Family::kNewArray);
  EXPECT_EQ(first.released_by, FreeKind::k_delete);
  EXPECT_EQ(first.bytes, 40u);
  EXPECT_EQ(first.count, 3u);
  EXPECT_EQ(faults.at(1).fault, Fault::kDoubleFree);
  EXPECT_EQ(faults.at(2).fault, Fault::kNone);

  faults.record(Fault::kMismatch, Family::kNewArray, FreeKind::k_delete, 5'000'000);
  EXPECT_EQ(faults.at(0).bytes, 40u) << "the first one's size";
  EXPECT_EQ(faults.at(0).count, 4u);
  for (int kind = 0; kind < static_cast<int>(FreeKind::kCount); ++kind) {
    for (const Family family : {Family::kNone, Family::kMalloc, Family::kNew, Family::kNewArray}) {
      faults.record(Fault::kSizeMismatch, family, static_cast<FreeKind>(kind), 7);
      faults.record(Fault::kSizeMismatch, family, static_cast<FreeKind>(kind), 7, {1, 2, 3});
    }
  }
  EXPECT_EQ(faults.at(Faults::kRecords - 1).fault, Fault::kSizeMismatch) << "no more places than these";
  EXPECT_EQ(faults.at(Faults::kRecords).fault, Fault::kNone);
}

TEST(Faults, AreApartByTheCodeTheyComeFrom) {
  Faults faults;
  for (int i = 0; i < 2; ++i)
    faults.record(Fault::kMismatch, Family::kNew, FreeKind::k_free, 8, {faults::kMostNumbers - 1, 7, 258});
  faults.record(Fault::kMismatch, Family::kNew, FreeKind::k_free, 8, {5, 7, 258});
  faults.record(Fault::kMismatch, Family::kNew, FreeKind::k_free, 8);
  faults.record(Fault::kInnerFree, Family::kNone, FreeKind::k_free, 0, {0, faults::kMostNumbers, 1});
  EXPECT_EQ(faults.at(0).count, 2u);
  EXPECT_EQ(faults.at(0).fault, Fault::kMismatch);
  EXPECT_EQ(faults.at(0).allocated_by, Family::kNew);
  EXPECT_EQ(faults.at(0).where.made, faults::kMostNumbers - 1);
  EXPECT_EQ(faults.at(0).where.called, 7u);
  EXPECT_EQ(faults.at(0).where.epoch, 2u) << "its last digits";
  EXPECT_EQ(faults.at(1).where.made, 5u);
  EXPECT_FALSE(faults.at(2).where.any());
  EXPECT_FALSE(faults.at(3).where.any()) << "there is no room for such a number";
}

TEST(Faults, OfMuchCodeLeaveRoomForOthers) {
  Faults faults;
  constexpr uint32_t kPlaces = 100;
  for (uint32_t called = 1; called <= kPlaces; ++called)
    faults.record(Fault::kMismatch, Family::kNew, FreeKind::k_free, 8, {1, called, 1});
  faults.record(Fault::kDoubleFree, Family::kNone, FreeKind::k_free, 0, {1, 2, 1});
  uint64_t mismatches = 0, double_frees = 0;
  for (int place = 0; place < Faults::kRecords; ++place) {
    const faults::Record record = faults.at(place);
    (record.fault == Fault::kDoubleFree ? double_frees : mismatches) += record.count;
  }
  EXPECT_EQ(mismatches, kPlaces) << "those for whose code there is no room, too";
  EXPECT_EQ(double_frees, 1u);
}

TEST(Faults, NamesAreThoseOfTheSchema) {
  EXPECT_STREQ(faults::name(Fault::kSizeMismatch), "size_mismatch");
  EXPECT_STREQ(faults::name(Family::kNewArray), "new_array");
  EXPECT_STREQ(faults::name(FreeKind::k_delete_array_sized), "delete_array_sized");
}

TEST(Faults, OfEqualOnesAtOnceTheRecordHasOnesSizeWheneverItIsRead) {
  Interleaving order;
  while (order.another()) {
    FaultsWith<Interleaving> faults;
    const auto mismatch = [&](uint64_t bytes) {
      return [&, bytes] {
        faults.record(Fault::kMismatch, Family::kNew, FreeKind::k_free, bytes);
        const faults::Record now = faults.at(0);
        ASSERT_EQ(now.fault, Fault::kMismatch);
        ASSERT_TRUE(now.bytes == 40 || now.bytes == 0) << order.orders();
      };
    };
    order.run({mismatch(40), mismatch(0)});
    ASSERT_EQ(faults.at(0).count, 2u);
    ASSERT_EQ(faults.at(1).fault, Fault::kNone);
  }
  EXPECT_GT(order.orders(), 50u);
}

TEST(Faults, ThreadsThatRecordAtOnceLoseNone) {
  for (int round = 0; round < 200; ++round) {
    Faults faults;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        for (int kind = 0; kind < 5; ++kind)
          faults.record(Fault::kMismatch, Family::kNew, static_cast<FreeKind>(kind), 40);
      });
    }
    for (auto &thread : threads) thread.join();
    for (int place = 0; place < 5; ++place) {
      EXPECT_EQ(faults.at(place).count, 3u);
      EXPECT_EQ(faults.at(place).bytes, 40u);
    }
    EXPECT_EQ(faults.at(5).fault, Fault::kNone);
  }
}
