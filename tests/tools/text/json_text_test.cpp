// SPDX-License-Identifier: MIT
#include "text/json_text.h"

#include <gtest/gtest.h>

#include <limits>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

using namespace heapmeter::cli;

TEST(JsonText, IsReadableAndExact) {
  const boost::json::value value = {
      {"a", 2.5},       {"b", boost::json::object()}, {"c", boost::json::array()},
      {"d\"", nullptr}, {"e", {1, true, "x\ny"}},     {"f", 18446744073709551615u},
      {"g", 0.1}};
  EXPECT_EQ(json_text(value),
            R"({"a":2.5,"b":{},"c":[],"d\"":null,"e":[1,true,"x\ny"],"f":18446744073709551615,"g":0.1})");
  EXPECT_EQ(boost::json::parse(json_text(value)), value);
}

TEST(JsonText, KeepsNumbersWithoutAFractionNumbers) {
  EXPECT_DOUBLE_EQ(boost::json::parse(json_text(1e300)).to_number<double>(), 1e300);
  EXPECT_DOUBLE_EQ(boost::json::parse(json_text(0.0)).to_number<double>(), 0);
}

TEST(JsonText, HasNothingForWhatIsNoNumber) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(json_text({{"a", kInfinity}, {"b", -kInfinity}, {"c", kInfinity - kInfinity}}),
            R"({"a":null,"b":null,"c":null})");
}

TEST(JsonText, EscapesWhatATerminalWouldObey) {
  const boost::json::value value = {{"a\u202e", "\x1b[31m\x7f\u009b\u2028\u00e9"}};
  EXPECT_EQ(json_text(value), R"({"a\u202e":"\u001b[31m\u007f\u009b\u2028)"
                              "\u00e9\"}");
  EXPECT_EQ(boost::json::parse(json_text(value)), value);
}

TEST(JsonText, IsUtf8WhateverTheStrings) {
  EXPECT_EQ(json_text({{"path", "a\xff\u00e9\xe2"}}), "{\"path\":\"a\ufffd\u00e9\ufffd\"}");
}
