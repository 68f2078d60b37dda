// SPDX-License-Identifier: MIT
#include "text/letter_columns.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace heapmeter::cli {
namespace {

void expect_columns(std::size_t columns, std::initializer_list<char32_t> codes) {
  for (const char32_t code : codes)
    EXPECT_EQ(letter_columns(code), columns) << std::hex << static_cast<unsigned>(code);
}

TEST(LetterColumns, AreAsManyAsATerminalGives) {
  expect_columns(1, {U'a', U'\u00e9', U'\u2026', U'\u0416', U'\uff71', U'\u2192'});
  expect_columns(2, {U'\u1100', U'\u3042', U'\u304b', U'\u8ba2', U'\uac00', U'\u2705', U'\u26a1', U'\u231a',
                     U'\U0001f600', U'\U0001f7e2', U'\U0001f90c', U'\U00020000'});
  expect_columns(0, {U'\u0301', U'\u1160', U'\u11ff', U'\ud7b0', U'\u200d', U'\u302a', U'\u302d', U'\u3099',
                     U'\u309a', U'\ufe0f', U'\ufeff', U'\U000e0100'});
}

// Vowels and ends that are written above, below or around the letter before them; those beside it have a
// column of their own.
TEST(LetterColumns, AreNoneOfMarksOfAnyScript) {
  expect_columns(0, {U'\u05bf', U'\u0670', U'\u06e7', U'\u0711', U'\u0947',    U'\u094d', U'\u09c1',
                     U'\u0a4d', U'\u0acd', U'\u0b3f', U'\u0bcd', U'\u0c3e',    U'\u0ccd', U'\u0d4d',
                     U'\u0dca', U'\u0e31', U'\u0e38', U'\u0eb1', U'\u0ecc',    U'\u0f71', U'\u102d',
                     U'\u1039', U'\u17b7', U'\u17d2', U'\u1b34', U'\U00011046'});
  expect_columns(1, {U'\u05d0', U'\u0627', U'\u0600', U'\u0915', U'\u093e', U'\u0e01', U'\u0e32', U'\u0eb2',
                     U'\u1000', U'\u102c', U'\u1780', U'\u17b6'});
}

}  // namespace
}  // namespace heapmeter::cli
