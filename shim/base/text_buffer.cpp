// SPDX-License-Identifier: MIT
#include "base/text_buffer.h"

#include <string.h>

namespace heapmeter {
namespace {

// Length of the well-formed UTF-8 sequence at the start of the text; 0 when there is none.
size_t utf8_length(const unsigned char *text, size_t bytes) noexcept {
  const unsigned char lead = text[0];
  const size_t length = lead < 0x80                   ? 1
                        : lead >= 0xc2 && lead < 0xe0 ? 2
                        : lead >= 0xe0 && lead < 0xf0 ? 3
                        : lead >= 0xf0 && lead < 0xf5 ? 4
                                                      : 0;
  if (length == 0 || length > bytes) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, beyond U+10FFFF.
  if ((lead == 0xe0 && text[1] < 0xa0) || (lead == 0xed && text[1] > 0x9f) ||
      (lead == 0xf0 && text[1] < 0x90) || (lead == 0xf4 && text[1] > 0x8f)) {
    return 0;
  }
  return length;
}

}  // namespace

void TextBuffer::add(const char *text, size_t bytes) noexcept {
  if (bytes > capacity_ - size_) {
    overflowed_ = true;
    return;
  }
  memcpy(memory_ + size_, text, bytes);
  size_ += bytes;
}

void TextBuffer::add(const char *text) noexcept { add(text, strlen(text)); }

void TextBuffer::add(uint64_t number) noexcept {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  add(digits + at, sizeof digits - at);
}

void TextBuffer::add_hex(uint64_t number) noexcept {
  char digits[16];
  size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[number % 16];
    number /= 16;
  } while (number != 0);
  add(digits + at, sizeof digits - at);
}

void TextBuffer::add_thousandths(uint64_t number) noexcept {
  add(number / 1000);
  const char rest[] = {'.', static_cast<char>('0' + number / 100 % 10),
                       static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
  add(rest, sizeof rest);
}

void TextBuffer::add_json_string(const char *text, size_t bytes) noexcept {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto *at = reinterpret_cast<const unsigned char *>(text);
  const auto *end = at + bytes;
  add("\"");
  while (at < end) {
    const size_t length = utf8_length(at, static_cast<size_t>(end - at));
    if (length == 0) {
      add("\\ufffd");
      ++at;
      continue;
    }
    if (*at == '"' || *at == '\\') {
      add("\\");
      add(reinterpret_cast<const char *>(at), 1);
    } else if (*at < 0x20) {
      const char escape[] = {'\\', 'u', '0', '0', kHex[*at >> 4], kHex[*at & 15]};
      add(escape, sizeof escape);
    } else {
      add(reinterpret_cast<const char *>(at), length);
    }
    at += length;
  }
  add("\"");
}

void TextBuffer::add_json_string(const char *text) noexcept { add_json_string(text, strlen(text)); }

void TextBuffer::separate() noexcept {
  if (!first_) add(",");
  first_ = false;
}

void TextBuffer::field(const char *name, uint64_t value) noexcept {
  open_field(name, "");
  add(value);
  first_ = false;
}

void TextBuffer::field(const char *name, const char *value) noexcept {
  open_field(name, "");
  add_json_string(value);
  first_ = false;
}

void TextBuffer::open_field(const char *name, const char *bracket) noexcept {
  separate();
  add_json_string(name);
  add(":");
  add(bracket);
  first_ = true;
}

void TextBuffer::open(const char *bracket) noexcept {
  separate();
  add(bracket);
  first_ = true;
}

void TextBuffer::close(const char *bracket) noexcept {
  add(bracket);
  first_ = false;
}

void TextBuffer::clear() noexcept {
  size_ = 0;
  overflowed_ = false;
  first_ = true;
}

}  // namespace heapmeter
