// SPDX-License-Identifier: MIT
#include "base/map_lines.h"

#include <fcntl.h>
#include <string.h>

#include "base/sys.h"

namespace heapmeter {
namespace {

uint64_t take_number(const char *&at, unsigned base) noexcept {
  uint64_t value = 0;
  for (;; ++at) {
    const unsigned digit = *at >= '0' && *at <= '9'   ? static_cast<unsigned>(*at - '0')
                           : *at >= 'a' && *at <= 'f' ? static_cast<unsigned>(*at - 'a') + 10
                                                      : base;
    if (digit >= base) return value;
    value = value * base + digit;
  }
}

void skip(const char *&at, char what) noexcept {
  while (*at == what) ++at;
}

}  // namespace

bool take_map_line(const char *&text, MapLine &line) noexcept {
  const char *&at = text;
  line.start = take_number(at, 16);
  if (*at != '-') return false;
  line.end = take_number(++at, 16);
  skip(at, ' ');
  if (strnlen(at, 5) < 5) return false;
  line.readable = at[0] == 'r';
  line.writable = at[1] == 'w';
  line.executable = at[2] == 'x';
  line.shared = at[3] == 's';
  at += 5;
  take_number(at, 16);  // offset
  skip(at, ' ');
  line.device = take_number(at, 16) << 32;
  skip(at, ':');
  line.device |= take_number(at, 16);
  skip(at, ' ');
  line.inode = take_number(at, 10);
  skip(at, ' ');
  line.name = at;
  while (*at != '\0' && *at != '\n') ++at;
  line.name_bytes = static_cast<size_t>(at - line.name);
  if (*at == '\n') ++at;
  return true;
}

MapLines::MapLines(const char *path) noexcept
    : fd_(sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC)) {}

MapLines::~MapLines() noexcept {
  if (opened()) sys::call(SYS_close, fd_);
}

bool MapLines::opened() const noexcept { return !sys::failed(fd_); }

bool MapLines::next(char *text, size_t capacity, MapLine &line) noexcept {
  if (!opened() || capacity == 0) return false;
  size_t length = 0;
  cut_ = false;
  int letter;
  while ((letter = next_letter()) >= 0 && letter != '\n') {
    if (length + 1 < capacity) {
      text[length++] = static_cast<char>(letter);
    } else {
      cut_ = true;
    }
  }
  text[length] = '\0';
  const char *at = text;
  return letter == '\n' && take_map_line(at, line);
}

int MapLines::next_letter() noexcept {
  if (at_ == length_) {
    length_ = sys::call(SYS_read, fd_, reinterpret_cast<long>(chunk_), sizeof chunk_);
    at_ = 0;
    if (length_ <= 0) return length_ = 0, -1;
  }
  return static_cast<unsigned char>(chunk_[at_++]);
}

}  // namespace heapmeter
