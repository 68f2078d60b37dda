// SPDX-License-Identifier: MIT
#include "leaks/kernel_held.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text_buffer.h"
#include "leaks/directory.h"
#include "leaks/hidden.h"

namespace heapmeter::leaks {
namespace {

constexpr const char *kDescriptors = "/proc/self/fd";

uint64_t hex(const char *at) noexcept {
  uint64_t value = 0;
  for (;; ++at) {
    if (*at >= '0' && *at <= '9') {
      value = value * 16 + static_cast<uint64_t>(*at - '0');
    } else if (*at >= 'a' && *at <= 'f') {
      value = value * 16 + static_cast<uint64_t>(*at - 'a') + 10;
    } else {
      return value;
    }
  }
}

void keep_words_of(const char *path, uint64_t (*word_of)(const char *), Findings &findings) noexcept {
  const long file = sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (sys::failed(file)) return;
  char text[4096];
  size_t size = 0;
  for (long bytes; (bytes = sys::call(SYS_read, file, reinterpret_cast<long>(text + size),
                                      static_cast<long>(sizeof text - 1 - size))) > 0;) {
    size += static_cast<size_t>(bytes);
    text[size] = '\0';
    char *line = text;
    for (char *end; (end = strchr(line, '\n')) != nullptr; line = end + 1) {
      *end = '\0';
      if (const uint64_t word = word_of(line); word != 0) keep_word(findings, word);
    }
    // What is left is the beginning of the next line; no line is as long as this.
    size = static_cast<size_t>(text + size - line);
    if (size == sizeof text - 1) size = 0;
    memmove(text, line, size);
  }
  sys::call(SYS_close, file);
}

bool is_epoll(const char *path) noexcept {
  constexpr char kName[] = "anon_inode:[eventpoll]";
  char name[sizeof kName];
  const long bytes = sys::call(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>(path),
                               reinterpret_cast<long>(name), sizeof name);
  return bytes == sizeof kName - 1 && memcmp(name, kName, sizeof kName - 1) == 0;
}

const char *path_of(char (&out)[64], const char *directory, int descriptor) noexcept {
  TextBuffer text(out, sizeof out - 1);
  text.add(directory);
  text.add("/");
  text.add(static_cast<uint64_t>(descriptor));
  out[text.size()] = '\0';
  return out;
}

}  // namespace

// "tfd:        5 events:       19 data:     7f00deadbeef  pos:0 ino:…"
uint64_t epoll_word(const char *line) noexcept {
  if (strncmp(line, "tfd:", 4) != 0) return 0;
  const char *at = strstr(line, "data:");
  if (at == nullptr) return 0;
  for (at += 5; *at == ' ';) ++at;
  return hex(at);
}

// "signal: 10/00007f00deadbeef"
uint64_t timer_word(const char *line) noexcept {
  if (strncmp(line, "signal:", 7) != 0) return 0;
  const char *at = strchr(line, '/');
  return at == nullptr ? 0 : hex(at + 1);
}

bool KernelHeld::look(Findings &findings, uint64_t nanoseconds) noexcept {
  const uint64_t until_ns = sys::monotonic_ns() + nanoseconds;
  if (position_ == 0) keep_words_of("/proc/self/timers", timer_word, findings);
  const bool all = each_number_in(kDescriptors, position_, [&](int descriptor) {
    char path[64];
    if (is_epoll(path_of(path, kDescriptors, descriptor)))
      keep_words_of(path_of(path, "/proc/self/fdinfo", descriptor), epoll_word, findings);
    return sys::monotonic_ns() < until_ns;
  });
  return all;
}

}  // namespace heapmeter::leaks
