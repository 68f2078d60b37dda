// SPDX-License-Identifier: MIT
#include "text/utf8.h"

#include <algorithm>
#include <iterator>

namespace heapmeter::cli {
namespace {

constexpr const char *kReplacement = "\xef\xbf\xbd";

// By the first byte; 0 when no letter begins so.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

}  // namespace

Utf8Letter first_letter(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = length_of(first);
  if (length == 0 || length > text.size()) return {};
  char32_t code = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t each = 1; each < length; ++each) {
    const auto next = static_cast<unsigned char>(text[each]);
    if ((next & 0xc0) != 0x80) return {};
    code = code << 6 | (next & 0x3fu);
  }
  const bool too_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool no_letter = (code >= 0xd800 && code < 0xe000) || code > 0x10ffff;
  return too_long || no_letter ? Utf8Letter{} : Utf8Letter{code, length};
}

bool steers(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

std::size_t letter_columns(char32_t code) {
  struct Range {
    char32_t first, last;
  };
  // Combining marks of the scripts that have them apart, vowels and ends of a syllable of Hangul, joiners and
  // selectors of a variant.
  constexpr Range kNone[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
                             {0x64b, 0x65f},   {0x6d6, 0x6dc},   {0xe31, 0xe31},   {0xe34, 0xe3a},
                             {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},
                             {0x1160, 0x11ff}, {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a},
                             {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}};
  // About East Asian Width W and F: the blocks that have it, and pictures.
  constexpr Range kTwo[] = {
      {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},  {0x23f3, 0x23f3},
      {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},  {0x2693, 0x2693},
      {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},  {0x26ce, 0x26ce},
      {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},  {0x26fa, 0x26fa},
      {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},  {0x274c, 0x274c},
      {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},  {0x27b0, 0x27b0},
      {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},  {0x2e80, 0x303e},
      {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
      {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
      {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd}};
  const auto is_in = [code](const Range &range) { return code >= range.first && code <= range.last; };
  if (code < 0x300) return 1;
  if (std::any_of(std::begin(kNone), std::end(kNone), is_in)) return 0;
  return std::any_of(std::begin(kTwo), std::end(kTwo), is_in) ? 2 : 1;
}

std::string as_utf8(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t bytes = first_letter(text).bytes;
    bytes == 0 ? clean.append(kReplacement) : clean.append(text.substr(0, bytes));
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return clean;
}

}  // namespace heapmeter::cli
