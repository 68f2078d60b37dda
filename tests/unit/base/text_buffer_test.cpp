// SPDX-License-Identifier: MIT
#include "base/text_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

using heapmeter::TextBuffer;

namespace {

struct Text {
  char memory[256];
  TextBuffer buffer{memory, sizeof memory};
  std::string str() const { return {buffer.data(), buffer.size()}; }
};

std::string json(std::string_view text) {
  Text out;
  out.buffer.add_json_string(text.data(), text.size());
  return out.str();
}

}  // namespace

TEST(TextBuffer, WritesNumbersOfAllLengths) {
  Text out;
  out.buffer.add(uint64_t{0});
  out.buffer.add(" ");
  out.buffer.add(~uint64_t{0});
  out.buffer.add(" ");
  out.buffer.add_thousandths(12'045);
  EXPECT_EQ(out.str(), "0 18446744073709551615 12.045");
}

TEST(TextBuffer, PutsCommasBetweenFieldsAndElementsOnly) {
  Text out;
  out.buffer.open("{");
  out.buffer.field("a", uint64_t{1});
  out.buffer.open_field("b", "[");
  out.buffer.open("{");
  out.buffer.field("c", "x");
  out.buffer.close("}");
  out.buffer.open("{");
  out.buffer.close("}");
  out.buffer.close("]");
  out.buffer.field("d", uint64_t{2});
  out.buffer.close("}");
  EXPECT_EQ(out.str(), R"({"a":1,"b":[{"c":"x"},{}],"d":2})");
}

TEST(TextBuffer, EscapesWhatJsonDemands) {
  EXPECT_EQ(json("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\u000a\\u0009\\u0001\"");
  EXPECT_EQ(json("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"), "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
}

TEST(TextBuffer, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json("\xff"), "\"\\ufffd\"");
  EXPECT_EQ(json("\xc3"), "\"\\ufffd\"") << "cut off";
  EXPECT_EQ(json("\xc0\xaf"), "\"\\ufffd\\ufffd\"") << "overlong";
  EXPECT_EQ(json("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"") << "a surrogate";
  EXPECT_EQ(json("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\"") << "beyond U+10FFFF";
}

TEST(TextBuffer, DropsWhatDoesNotFitAndSaysSo) {
  char memory[8];
  TextBuffer out(memory, sizeof memory);
  out.add("12345678");
  EXPECT_FALSE(out.overflowed());
  out.add("9");
  EXPECT_TRUE(out.overflowed());
  EXPECT_EQ(out.size(), 8u);
  out.clear();
  EXPECT_FALSE(out.overflowed());
  EXPECT_EQ(out.size(), 0u);
}
