// SPDX-License-Identifier: MIT
#include "text/utf8.h"

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
