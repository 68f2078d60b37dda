// SPDX-License-Identifier: MIT
#include "symbols/wire.h"

#include <gtest/gtest.h>

using heapmeter::cli::symbols::Frame;
using heapmeter::cli::symbols::kLongestText;
using heapmeter::cli::symbols::kMostInlined;
using heapmeter::cli::symbols::Named;
using heapmeter::cli::symbols::put_named;
using heapmeter::cli::symbols::put_number;
using heapmeter::cli::symbols::WireReader;

namespace {

Named some(std::size_t frames) {
  Named named{0x4711, std::vector<Frame>(frames)};
  for (Frame &each : named.frames) each.function = "add", each.linkage = "_Z3addv";
  return named;
}

TEST(Wire, BringsWhatWasPut) {
  std::string bytes;
  put_named(bytes, some(3));
  put_named(bytes, some(0));
  WireReader reader(bytes);
  const auto first = reader.named();
  EXPECT_EQ(first->frames.at(2).function, "add");
  EXPECT_EQ(first->frames.at(2).linkage, "_Z3addv");
  EXPECT_EQ(reader.named()->address, 0x4711u);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.named());
}

TEST(Wire, EndsWhereItIsCutOff) {
  std::string bytes;
  put_named(bytes, some(2));
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(WireReader(std::string_view(bytes).substr(0, length)).named()) << length;
}

TEST(Wire, IsBounded) {
  std::string bytes;
  put_named(bytes, some(kMostInlined + 10));
  EXPECT_EQ(WireReader(bytes).named()->frames.size(), kMostInlined);
  Named long_one = some(1);
  long_one.frames[0].function.assign(kLongestText * 2, 'x');
  bytes.clear();
  put_named(bytes, long_one);
  EXPECT_EQ(WireReader(bytes).named()->frames[0].function.size(), kLongestText);
  bytes.clear();
  put_number(bytes, UINT64_MAX);
  EXPECT_FALSE(WireReader(bytes).text());
  bytes.clear();
  put_number(bytes, 0);
  put_number(bytes, UINT64_MAX);
  EXPECT_FALSE(WireReader(bytes).named());
}

}  // namespace
