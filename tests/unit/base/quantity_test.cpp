// SPDX-License-Identifier: MIT
#include "base/quantity.h"

#include <gtest/gtest.h>

#include <string_view>

using namespace heapmeter;

namespace {

constexpr uint64_t kRefused = 12345;

uint64_t parsed(std::string_view text, const quantity::Words &words = quantity::kNoWords) {
  uint64_t value = kRefused;
  return quantity::parse(text.data(), text.size(), words, value) ? value : kRefused;
}

}  // namespace

TEST(Quantity, IsDigitsAndPerhapsAUnit) {
  EXPECT_EQ(parsed("1"), 1u);
  EXPECT_EQ(parsed("524288"), 524288u);
  EXPECT_EQ(parsed("512K"), 524288u);
  EXPECT_EQ(parsed("64M"), uint64_t{64} << 20);
  EXPECT_EQ(parsed("2G"), uint64_t{2} << 30);
}

TEST(Quantity, KnowsTheWordsItIsToldOf) {
  EXPECT_EQ(parsed("off", quantity::kSampleWords), quantity::kNoSamples);
  EXPECT_EQ(parsed("every", quantity::kSampleWords), quantity::kEvery);
  EXPECT_EQ(parsed("every"), kRefused);
}

TEST(Quantity, RefusesWhatIsNone) {
  for (const char *text : {"", "K", "0", "0K", "1k", "1KB", "1 K", "-1", "+1", "1.5M", "every1", "0x10", "1T",
                           "99999999999999999999", "1152921504606846977", "2000000000G"}) {
    EXPECT_EQ(parsed(text, quantity::kSampleWords), kRefused) << text;
  }
}
