// SPDX-License-Identifier: MIT
#include "books/entry.h"

#include <gtest/gtest.h>

#include <array>

using namespace heapmeter;
using entry::Decoded;
using entry::Form;

namespace {

constexpr Family kFamilies[] = {Family::kMalloc, Family::kNew, Family::kNewArray};
using Bytes = std::array<uint8_t, 32>;

void expect_block(const Bytes &bytes, Form form, Family family, size_t size) {
  const Decoded decoded = entry::decode(bytes.data());
  EXPECT_TRUE(decoded.live());
  EXPECT_EQ(decoded.form, form) << size;
  EXPECT_EQ(decoded.family, family) << size;
  EXPECT_EQ(decoded.size, size);
}

}  // namespace

TEST(Entry, RegularSizesComeBackWithTheirFamily) {
  for (const Family family : kFamilies) {
    for (size_t size = 0; size <= kFineLimit; ++size) {
      Bytes bytes{};
      entry::write_regular(bytes.data(), size, family);
      expect_block(bytes, Form::kRegular, family, size);
    }
  }
}

TEST(Entry, SmallOneLeavesTheNeighboursByteAlone) {
  for (size_t size = 0; size <= entry::kSmallLimit; ++size) {
    Bytes bytes;
    bytes.fill(0xee);
    entry::write_regular(bytes.data(), size, Family::kNewArray);
    EXPECT_EQ(bytes[1], 0xee) << size;
  }
}

TEST(Entry, MediumOneTakesTwoBytes) {
  Bytes bytes;
  bytes.fill(0xee);
  entry::write_regular(bytes.data(), kFineLimit, Family::kMalloc);
  EXPECT_EQ(bytes[2], 0xee);
}

TEST(Entry, IrregularSizesComeBack) {
  for (const Family family : kFamilies) {
    for (size_t size : {size_t{0}, size_t{1}, size_t{100}, entry::kIrregularLimit}) {
      Bytes bytes;
      bytes.fill(0xee);
      entry::write_irregular(bytes.data(), size, 4096, family);
      expect_block(bytes, Form::kIrregular, family, size);
      EXPECT_EQ(bytes[2], 0xee);
    }
  }
}

TEST(Entry, WideOneKeepsSizeAndUsable) {
  for (size_t size : {entry::kIrregularLimit + 1, size_t{1} << 20, size_t{1} << 46}) {
    Bytes bytes{};
    entry::write_irregular(bytes.data(), size, size + 77, Family::kNew);
    expect_block(bytes, Form::kWide, Family::kNew, size);
    EXPECT_EQ(entry::decode(bytes.data()).usable, size + 77);
  }
}

TEST(Entry, ErasedWideOneLeavesNothingToBeTakenForABlock) {
  Bytes bytes{};
  entry::write_wide(bytes.data(), ~uint64_t{0} >> 1, ~uint64_t{0}, Family::kNewArray, true);
  EXPECT_TRUE(entry::decode(bytes.data()).mapped);
  entry::erase_wide(bytes.data());
  EXPECT_EQ(entry::decode(bytes.data()).form, Form::kTombstone);
  for (size_t i = 1; i < bytes.size() - 1; ++i) EXPECT_EQ(entry::decode(&bytes[i]).form, Form::kNothing) << i;
}

TEST(Entry, NothingAndTombstoneAreNotLive) {
  Bytes bytes{};
  EXPECT_EQ(entry::decode(bytes.data()).form, Form::kNothing);
  EXPECT_FALSE(entry::decode(bytes.data()).live());
  entry::write_regular(bytes.data(), 100, Family::kNew);
  bytes[0] = entry::kTombstone;
  EXPECT_EQ(entry::decode(bytes.data()).form, Form::kTombstone);
  EXPECT_FALSE(entry::decode(bytes.data()).live());
}

// At any of its bytes a reader may begin who does not know where entries do.
TEST(Entry, IsKnownForAWholeWideRecordOrNot) {
  for (const bool mapped : {false, true}) {
    uint8_t bytes[64] = {};
    entry::write_wide(bytes + 16, 200'000, 204'784, Family::kNew, mapped);
    for (int at = 0; at <= 40; ++at) EXPECT_EQ(entry::is_wide_record(bytes + at), at == 16) << at;
    entry::erase_wide(bytes + 16);
    EXPECT_FALSE(entry::is_wide_record(bytes + 16));
  }
}

TEST(Entry, OfSmallBlocksIsNoWideRecord) {
  for (size_t size = 17; size <= kTallyLimit; ++size) {
    for (size_t apart = 2; apart <= 8; ++apart) {
      uint8_t bytes[64] = {};
      for (size_t at = 0; at + 2 <= sizeof bytes; at += apart)
        entry::write_medium(bytes + at, size, Family::kMalloc);
      for (size_t at = 0; at <= 40; ++at)
        EXPECT_FALSE(entry::is_wide_record(bytes + at)) << size << " " << at;
    }
  }
}
