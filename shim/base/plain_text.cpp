// SPDX-License-Identifier: MIT
//
// Functions of text by libc's names, for the library alone: the dynamic linker looks up each of libc's at
// every start, and most of those then choose by the processor. Nor can a program put others in their place.
// What copies a program's own text, or is long, is libc's. Not in tests: they have libc's.
#include "base/plain_text.h"

// Unknown to the compiler here (-fno-builtin), which would make a loop a call of itself.
extern "C" {

int memcmp(const void *one, const void *other, size_t bytes) noexcept {
  return heapmeter::plain_text::memcmp(static_cast<const char *>(one), static_cast<const char *>(other),
                                       bytes);
}
int strcmp(const char *one, const char *other) noexcept { return heapmeter::plain_text::strcmp(one, other); }
int strncmp(const char *one, const char *other, size_t most) noexcept {
  return heapmeter::plain_text::strncmp(one, other, most);
}
void *memchr(const void *text, int sought, size_t bytes) noexcept {
  return const_cast<char *>(
      heapmeter::plain_text::memchr(static_cast<const char *>(text), static_cast<char>(sought), bytes));
}
void *memrchr(const void *text, int sought, size_t bytes) noexcept {
  return const_cast<char *>(
      heapmeter::plain_text::memrchr(static_cast<const char *>(text), static_cast<char>(sought), bytes));
}
char *strchr(const char *text, int sought) noexcept {
  return const_cast<char *>(heapmeter::plain_text::strchr(text, static_cast<char>(sought)));
}
char *strrchr(const char *text, int sought) noexcept {
  return const_cast<char *>(heapmeter::plain_text::strrchr(text, static_cast<char>(sought)));
}
size_t strspn(const char *text, const char *those) noexcept {
  return heapmeter::plain_text::span(text, those, true);
}
size_t strcspn(const char *text, const char *those) noexcept {
  return heapmeter::plain_text::span(text, those, false);
}
char *strncpy(char *to, const char *from, size_t bytes) noexcept {
  return heapmeter::plain_text::strncpy(to, from, bytes);
}
char *strstr(const char *text, const char *sought) noexcept {
  return const_cast<char *>(heapmeter::plain_text::strstr(text, sought));
}

}  // extern "C"
