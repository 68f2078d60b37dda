// SPDX-License-Identifier: MIT
//
// What libc's functions of these names do, a byte at a time: for the library itself, see plain_text.cpp.
#pragma once

#include <stddef.h>

namespace heapmeter::plain_text {

constexpr unsigned char byte(char each) noexcept { return static_cast<unsigned char>(each); }

constexpr int memcmp(const char *one, const char *other, size_t bytes) noexcept {
  for (; bytes > 0; --bytes, ++one, ++other) {
    if (*one != *other) return byte(*one) - byte(*other);
  }
  return 0;
}

constexpr int strncmp(const char *one, const char *other, size_t most) noexcept {
  for (; most > 0; --most, ++one, ++other) {
    if (*one != *other || *one == '\0') return byte(*one) - byte(*other);
  }
  return 0;
}

constexpr int strcmp(const char *one, const char *other) noexcept { return strncmp(one, other, ~size_t{0}); }

constexpr const char *memchr(const char *text, char sought, size_t bytes) noexcept {
  for (; bytes > 0; --bytes, ++text) {
    if (*text == sought) return text;
  }
  return nullptr;
}

constexpr const char *memrchr(const char *text, char sought, size_t bytes) noexcept {
  while (bytes > 0) {
    if (text[--bytes] == sought) return text + bytes;
  }
  return nullptr;
}

constexpr const char *strchr(const char *text, char sought) noexcept {
  for (; *text != sought; ++text) {
    if (*text == '\0') return nullptr;
  }
  return text;
}

constexpr const char *strrchr(const char *text, char sought) noexcept {
  const char *last = nullptr;
  for (;; ++text) {
    if (*text == sought) last = text;
    if (*text == '\0') return last;
  }
}

// Of the bytes that begin the text, how many are among those, or are not.
constexpr size_t span(const char *text, const char *those, bool among) noexcept {
  size_t length = 0;
  while (text[length] != '\0' && (strchr(those, text[length]) != nullptr) == among) ++length;
  return length;
}

constexpr char *strncpy(char *to, const char *from, size_t bytes) noexcept {
  bool ended = false;
  for (size_t at = 0; at < bytes; ++at) {
    ended = ended || from[at] == '\0';
    to[at] = ended ? '\0' : from[at];
  }
  return to;
}

constexpr const char *strstr(const char *text, const char *sought) noexcept {
  size_t length = 0;
  while (sought[length] != '\0') ++length;
  for (;; ++text) {
    if (strncmp(text, sought, length) == 0) return text;
    if (*text == '\0') return nullptr;
  }
}

}  // namespace heapmeter::plain_text
