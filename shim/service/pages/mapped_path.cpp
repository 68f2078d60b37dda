// SPDX-License-Identifier: MIT
#include "service/pages/mapped_path.h"

#include <fcntl.h>
#include <string.h>

#include "base/sys.h"

namespace heapmeter::pages {
namespace {

// "5581-5585 r-xp 00000000 08:01 1234   /usr/lib/x.so", line by line.
class Lines {
 public:
  Lines() noexcept
      : fd_(sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/maps"),
                      O_RDONLY | O_CLOEXEC)) {}
  ~Lines() noexcept {
    if (!sys::failed(fd_)) sys::call(SYS_close, fd_);
  }
  Lines(const Lines &) = delete;
  Lines &operator=(const Lines &) = delete;

  // False at the end. Of a line that has no room the rest is left out.
  bool next(char *line, size_t capacity, size_t &length) noexcept {
    if (sys::failed(fd_)) return false;
    length = 0;
    for (int letter; (letter = next_letter()) >= 0;) {
      if (letter == '\n') return true;
      if (length < capacity) line[length++] = static_cast<char>(letter);
    }
    return false;
  }

 private:
  int next_letter() noexcept {
    if (at_ == read_) {
      read_ = sys::call(SYS_read, fd_, reinterpret_cast<long>(text_), sizeof text_);
      at_ = 0;
      if (read_ <= 0) return read_ = 0, -1;
    }
    return static_cast<unsigned char>(text_[at_++]);
  }

  char text_[2048];
  long fd_, read_ = 0, at_ = 0;
};

uintptr_t number(const char *&at) noexcept {
  uintptr_t value = 0;
  for (; (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f'); ++at)
    value = value * 16 + static_cast<uintptr_t>(*at <= '9' ? *at - '0' : *at - 'a' + 10);
  return value;
}

}  // namespace

size_t mapped_path(uintptr_t address, char *out, size_t capacity) noexcept {
  Lines lines;
  for (size_t length; lines.next(out, capacity, length);) {
    if (length == capacity) continue;  // with its path cut off
    out[length] = '\0';
    const char *at = out;
    const uintptr_t start = number(at);
    const uintptr_t end = *at == '-' ? number(++at) : 0;
    if (address < start || address >= end) continue;
    const char *path = strchr(at, '/');
    if (path == nullptr) return 0;
    const size_t bytes = length - static_cast<size_t>(path - out);
    memmove(out, path, bytes);
    return bytes;
  }
  return 0;
}

}  // namespace heapmeter::pages
