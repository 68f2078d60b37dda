// SPDX-License-Identifier: MIT
#include "lost/in_registers.h"

#include <gtest/gtest.h>

#include "lost/rows.h"

using namespace heapmeter::cli::lost;

namespace {

Block block(std::uint64_t address, std::uint64_t bytes, std::uint32_t group) {
  return {.address = address, .bytes = bytes, .group = group, .family = "malloc", .perhaps = true};
}

class InRegisters : public ::testing::Test {
 protected:
  InRegisters() {
    look_.registers = 12;
    look_.blocks = {block(0x1000, 100, 0), block(0x2000, 100, 0), block(0x3000, 0, 2), block(0x4000, 40, 3)};
  }
  Look look_;
};

TEST_F(InRegisters, NoneIsInDoubtWhereNoneIsPointedAt) {
  doubt_held(look_, {0, 7, 0xfff, 0x1070, 0x2070, 0x3010, 0x4030, ~std::uint64_t{0}}, 0, 0, false);
  EXPECT_EQ(sum(look_).least_blocks, 4u);
  EXPECT_EQ(sum(look_).blocks, 4u);
}

TEST_F(InRegisters, WhatHangsTogetherWithOneThatIsHeldIsInDoubt) {
  for (const std::uint64_t word : {std::uint64_t{0x2000}, std::uint64_t{0x1063}, std::uint64_t{0x106f},
                                   std::uint64_t{0xabcd000000001001}}) {
    doubt_held(look_, {word}, 0, 0, false);
    EXPECT_EQ(sum(look_).least_blocks, 2u) << std::hex << word;
    EXPECT_EQ(sum(look_).blocks, 4u);
  }
}

TEST_F(InRegisters, AnEmptyBlockHasAnAddress) {
  doubt_held(look_, {0x3000}, 0, 0, false);
  EXPECT_EQ(sum(look_).least_blocks, 3u);
}

TEST_F(InRegisters, OfAThreadThatIsNotKnownSixMoreMayBeHeld) {
  doubt_held(look_, {0x2000}, 1, 0, false);
  EXPECT_EQ(look_.registers, 6u);
  EXPECT_EQ(sum(look_).least_blocks, 0u);
  doubt_held(look_, {}, 1, 2, false);
  EXPECT_EQ(look_.registers, 6u + 2 * 15u) << "who ran meanwhile may have one in any";
}

TEST_F(InRegisters, WhereOthersCameThatNobodyCountedAsMuchIsInDoubtAsWithoutThem) {
  doubt_held(look_, {}, 1, 0, true);
  EXPECT_EQ(look_.registers, 12u + 6u);
}

}  // namespace
