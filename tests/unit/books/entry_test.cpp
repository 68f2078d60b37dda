// SPDX-License-Identifier: MIT
#include "books/entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

using namespace heapmeter;
using entry::Decoded;
using entry::Form;

namespace {

constexpr Family kFamilies[] = {Family::kMalloc, Family::kNew, Family::kNewArray};
using Bytes = std::array<uint8_t, 40>;

void bury(uint8_t *at) { entry::bury(at, *at == entry::kWide); }

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

TEST(Entry, RegularOneTakesTwoBytes) {
  for (size_t size = 0; size <= kFineLimit; ++size) {
    Bytes bytes;
    bytes.fill(0xee);
    entry::write_regular(bytes.data(), size, Family::kMalloc);
    ASSERT_EQ(bytes[2], 0xee) << size;
    bury(bytes.data());
    ASSERT_EQ(bytes[2], 0xee) << size;
  }
}

TEST(Entry, SampledOneIsNotTakenByTheFastPath) {
  Bytes bytes{};
  entry::write_sampled(bytes.data());
  for (const Family family : kFamilies) EXPECT_GT(entry::regular_size(bytes.data(), family), kFineLimit);
  EXPECT_EQ(entry::decode(bytes.data()).form, Form::kSampled);
  EXPECT_TRUE(entry::decode(bytes.data()).live());
  bury(bytes.data());
  EXPECT_EQ(entry::decode(bytes.data()).form, Form::kTombstone);
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

// Its page may be just coming back, a byte at a time.
TEST(Entry, WideOneIsWholeWithAllItsBytesOnly) {
  for (const Family family : kFamilies) {
    for (const size_t size : {size_t{4097}, size_t{0xFEDC}, size_t{0xFEDCBA98}}) {
      Bytes bytes{};
      entry::write_wide(bytes.data(), size, size + 77, family);
      Decoded noted;
      ASSERT_TRUE(entry::is_whole_wide(bytes.data(), family, noted));
      EXPECT_EQ(noted.size, size);
      EXPECT_EQ(noted.usable, size + 77);
      const Family other = family == Family::kNew ? Family::kMalloc : Family::kNew;
      EXPECT_FALSE(entry::is_whole_wide(bytes.data(), other, noted));
      for (size_t at = 0; at < entry::kWideBytes; ++at) {
        for (const uint8_t instead : {entry::kNothing, entry::kTombstone, entry::kInNoBook}) {
          Bytes partly = bytes;
          partly[at] = instead;
          EXPECT_FALSE(entry::is_whole_wide(partly.data(), family, noted)) << size << " " << at;
        }
      }
    }
  }
  Bytes bytes{};
  entry::write_wide(bytes.data(), size_t{1} << 32, size_t{1} << 32, Family::kMalloc);
  Decoded noted;
  EXPECT_FALSE(entry::is_whole_wide(bytes.data(), Family::kMalloc, noted)) << "of more digits";
}

TEST(Entry, WideOneKeepsSizeAndUsable) {
  for (size_t size : {entry::kIrregularLimit + 1, size_t{1} << 20, size_t{1} << 46}) {
    Bytes bytes{};
    entry::write_irregular(bytes.data(), size, size + 77, Family::kNew);
    expect_block(bytes, Form::kWide, Family::kNew, size);
    EXPECT_EQ(entry::decode(bytes.data()).usable, size + 77);
  }
}

TEST(Entry, BuriedOneLeavesNothingButATombstone) {
  for (const Family family : kFamilies) {
    for (size_t size = 0; size <= 5000; ++size) {
      for (const bool regular : {true, false}) {
        Bytes bytes{};
        if (regular && size > kFineLimit) continue;
        if (regular) {
          entry::write_regular(bytes.data(), size, family);
        } else {
          entry::write_irregular(bytes.data(), size, size + 7, family);
        }
        bury(bytes.data());
        ASSERT_EQ(bytes[0], entry::kTombstone) << size;
        for (size_t at = 1; at < bytes.size(); ++at)
          ASSERT_EQ(bytes[at], entry::kNothing) << size << " " << at;
      }
    }
  }
}

TEST(Entry, NothingAndTombstoneAreNotLive) {
  Bytes bytes{};
  EXPECT_EQ(entry::decode(bytes.data()).form, Form::kNothing);
  EXPECT_FALSE(entry::decode(bytes.data()).live());
  entry::write_regular(bytes.data(), 100, Family::kNew);
  bury(bytes.data());
  EXPECT_EQ(entry::decode(bytes.data()).form, Form::kTombstone);
  EXPECT_FALSE(entry::decode(bytes.data()).live());
}

namespace {

// What release() takes on its fast path, and decode() for a live block.
bool passes_for_a_block(const uint8_t *at) {
  for (const Family family : kFamilies) {
    if (entry::regular_size(at, family) <= kFineLimit) return true;
  }
  return entry::decode(at).live();
}

// Cells of so many granules side by side, each with an entry or with what an earlier one left.
void expect_starts_only(size_t granules, const std::vector<std::function<void(uint8_t *)>> &entries) {
  constexpr size_t kCells = 4;
  std::vector<uint8_t> ledger(8 + kCells * granules + 32);
  for (size_t first = 0; first < entries.size(); ++first) {
    std::fill(ledger.begin(), ledger.end(), uint8_t{0});
    // Cells of half the size were here before.
    for (size_t at = 0; at < kCells * granules; at += granules / 2 + 1) bury(&ledger[8 + at]);
    for (size_t cell = 0; cell < kCells; ++cell) {
      entries[(first + cell * 7) % entries.size()](&ledger[8 + cell * granules]);
    }
    for (size_t at = 0; at < kCells * granules; ++at) {
      ASSERT_EQ(passes_for_a_block(&ledger[8 + at]), at % granules == 0)
          << granules << " " << first << " " << at;
    }
  }
}

}  // namespace

TEST(Entry, NoAddressWithinABlockPassesForItsStart) {
  for (size_t granules = 2; granules <= 40; ++granules) {
    const size_t most = granules * kGranule;
    std::vector<std::function<void(uint8_t *)>> entries{entry::write_sampled};
    for (const Family family : kFamilies) {
      for (size_t size = most > 32 ? most - 15 : 0; size <= most; ++size) {
        if (size <= kFineLimit)
          entries.push_back([=](uint8_t *at) { entry::write_regular(at, size, family); });
      }
      // Shrunk in place, or aligned.
      for (size_t size = 0; size <= most; ++size) {
        entries.push_back([=](uint8_t *at) { entry::write_irregular(at, size, most, family); });
      }
    }
    expect_starts_only(granules, entries);
  }
}

TEST(Entry, NoAddressWithinALargerBlockPassesForItsStart) {
  for (const size_t granules : {size_t{65}, size_t{100}, size_t{200}, size_t{256}, size_t{300}}) {
    const size_t most = granules * kGranule;
    std::vector<std::function<void(uint8_t *)>> entries;
    for (const Family family : kFamilies) {
      for (size_t size = 1025; size <= kFineLimit && size <= most; ++size) {
        entries.push_back([=](uint8_t *at) { entry::write_regular(at, size, family); });
        entries.push_back([=](uint8_t *at) { entry::write_irregular(at, size, most, family); });
      }
      for (size_t size = 1024; size <= most; size += 3) {
        entries.push_back([=](uint8_t *at) { entry::write_wide(at, size, most + size, family); });
      }
    }
    expect_starts_only(granules, entries);
  }
}
