// SPDX-License-Identifier: MIT
#include "text/utf8.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "text/terminal.h"

using namespace heapmeter::cli;

namespace {

void expect_letter(std::string_view text, char32_t code, std::size_t bytes) {
  const Utf8Letter letter = first_letter(text);
  EXPECT_EQ(letter.code, code) << text;
  EXPECT_EQ(letter.bytes, bytes) << text;
}

TEST(Utf8, IsReadLetterByLetter) {
  expect_letter("ab", U'a', 1);
  expect_letter("\u00e9x", 0xe9, 2);
  expect_letter("\u2192x", 0x2192, 3);
  expect_letter("\U0010ffff", 0x10ffff, 4);
  expect_letter(std::string_view("\0", 1), 0, 1);
}

TEST(Utf8, ThatIsNotWellFormedHasNoLetter) {
  for (const char *wrong : {"\x80", "\xff", "\xc3", "\xc3(", "\xe2\x86", "\xc1\x81", "\xe0\x80\x81",
                            "\xf0\x80\x80\x81", "\xed\xa0\x80", "\xf4\x90\x80\x80"})
    expect_letter(wrong, 0, 0);
}

// Unicode's Bidi_Control, its line ends, and what terminals obey.
TEST(Utf8, SteersAPageByItsControlsAlone) {
  for (const char32_t code : {U'\0', U'\n', U'\x1b', U'\x7f', U'\u009b', U'\u061c', U'\u200e', U'\u200f',
                              U'\u2028', U'\u2029', U'\u202a', U'\u202e', U'\u2066', U'\u2069'})
    EXPECT_TRUE(steers(code)) << static_cast<unsigned>(code);
  for (const char32_t code : {U' ', U'~', U'\u00a0', U'\u061b', U'\u0627', U'\u2027', U'\u2192', U'\u206a'})
    EXPECT_FALSE(steers(code)) << static_cast<unsigned>(code);
}

// As the C library reads the names of locales.
TEST(Utf8, IsSpokenWhateverTheLocaleCallsIt) {
  const char *all = getenv("LC_ALL");
  const std::string before = all == nullptr ? "" : all;
  for (const char *locale : {"C.UTF-8", "C.utf8", "C.UTF8", "en_GB.utf-8", "de_DE.UTF-8@euro"}) {
    setenv("LC_ALL", locale, 1);
    EXPECT_TRUE(speaks_utf8()) << locale;
  }
  for (const char *locale : {"C", "POSIX", "en_GB", "en_GB.ISO-8859-1", "ja_JP.UTF-16"}) {
    setenv("LC_ALL", locale, 1);
    EXPECT_FALSE(speaks_utf8()) << locale;
  }
  before.empty() ? unsetenv("LC_ALL") : setenv("LC_ALL", before.c_str(), 1);
}

TEST(Utf8, OfAnyBytesKeepsWhatIsWellFormed) {
  EXPECT_EQ(as_utf8("plain \u00e9"), "plain \u00e9");
  EXPECT_EQ(as_utf8("a\xff\xc3z\xe2\x86"), "a\ufffd\ufffdz\ufffd\ufffd");
  EXPECT_EQ(as_utf8(""), "");
}

}  // namespace
