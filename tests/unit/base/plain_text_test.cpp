// SPDX-License-Identifier: MIT
#include "base/plain_text.h"

#include <gtest/gtest.h>
#include <string.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace heapmeter {
namespace {

int sign(int value) { return (value > 0) - (value < 0); }

// Of few letters, so that they often have something in common; one of them is negative as a char.
std::vector<std::string> texts() {
  std::mt19937 random(1);
  std::vector<std::string> made = {"", "a", "\xff", "ab", "aab", "aaab"};
  while (made.size() < 120) {
    std::string text(random() % 12, ' ');
    for (char &each : text) each = "ab\xff"[random() % 3];
    made.push_back(text);
  }
  return made;
}

TEST(PlainText, ComparesAsLibcDoes) {
  for (const std::string &one : texts()) {
    for (const std::string &other : texts()) {
      const char *a = one.c_str(), *b = other.c_str();
      EXPECT_EQ(sign(plain_text::strcmp(a, b)), sign(strcmp(a, b))) << one << " " << other;
      for (size_t most = 0; most < 14; ++most) {
        EXPECT_EQ(sign(plain_text::strncmp(a, b, most)), sign(strncmp(a, b, most))) << one << " " << other;
      }
      const size_t bytes = std::min(one.size(), other.size());
      EXPECT_EQ(sign(plain_text::memcmp(a, b, bytes)), sign(memcmp(a, b, bytes))) << one << " " << other;
    }
  }
}

TEST(PlainText, FindsAsLibcDoes) {
  for (const std::string &text : texts()) {
    const char *a = text.c_str();
    for (const char sought : {'a', 'b', 'c', '\xff', '\0'}) {
      EXPECT_EQ(plain_text::strchr(a, sought), strchr(a, sought)) << text;
      EXPECT_EQ(plain_text::strrchr(a, sought), strrchr(a, sought)) << text;
      for (size_t bytes = 0; bytes <= text.size(); ++bytes) {
        EXPECT_EQ(plain_text::memchr(a, sought, bytes), memchr(a, sought, bytes)) << text;
        EXPECT_EQ(plain_text::memrchr(a, sought, bytes), memrchr(a, sought, bytes)) << text;
      }
    }
    for (const std::string &other : texts()) {
      const char *b = other.c_str();
      EXPECT_EQ(plain_text::strstr(a, b), strstr(a, b)) << text << " " << other;
      EXPECT_EQ(plain_text::span(a, b, true), strspn(a, b)) << text << " " << other;
      EXPECT_EQ(plain_text::span(a, b, false), strcspn(a, b)) << text << " " << other;
    }
  }
}

TEST(PlainText, CopiesAsLibcDoes) {
  for (const std::string &text : texts()) {
    for (size_t bytes = 0; bytes < 14; ++bytes) {
      std::string copied(16, 'x'), expected(16, 'x');
      EXPECT_EQ(plain_text::strncpy(copied.data(), text.c_str(), bytes), copied.data());
      strncpy(expected.data(), text.c_str(), bytes);
      EXPECT_EQ(copied, expected);
    }
  }
}

}  // namespace
}  // namespace heapmeter
