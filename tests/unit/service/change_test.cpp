// SPDX-License-Identifier: MIT
#include "service/change.h"

#include <gtest/gtest.h>

#include <string_view>

#include "base/quantity.h"

using namespace heapmeter;

namespace {

int status(std::string_view query, attribution::Wish &wish) {
  return change::parse(query.data(), query.size(), wish).status;
}

}  // namespace

TEST(Change, SaysHowAndForHowLong) {
  attribution::Wish wish{};
  EXPECT_EQ(status("sample=every", wish), 200);
  EXPECT_EQ(wish.mean_bytes, quantity::kEvery);
  EXPECT_EQ(wish.seconds, 0u);
  EXPECT_EQ(status("sample=512K&for=60", wish), 200);
  EXPECT_EQ(wish.mean_bytes, 524288u);
  EXPECT_EQ(wish.seconds, 60u);
  EXPECT_EQ(status("for=1&sample=every", wish), 200);
  EXPECT_EQ(wish.seconds, 1u);
  EXPECT_EQ(status("sample=off", wish), 200);
  EXPECT_EQ(wish.mean_bytes, quantity::kNoSamples);
}

TEST(Change, RefusesWhatItDoesNotUnderstand) {
  attribution::Wish wish{};
  for (const char *query :
       {"", "&", "sample", "sample=", "sample=some", "sample=1k", "for=60",
        "sample=every&for=", "sample=every&for=0", "sample=every&for=-1", "sample=every&for=99999999999",
        "sample=off&for=2", "sample=every&sample=off", "sample=every&for=1&for=2", "sample=every&x=1",
        "Sample=every", "sample=every%20", "sample=every for=1"}) {
    EXPECT_EQ(status(query, wish), 400) << query;
  }
}
