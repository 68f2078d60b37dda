// SPDX-License-Identifier: MIT
#include "leaks/threads.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "base/sys.h"
#include "base/text_buffer.h"

namespace heapmeter::leaks {
namespace {

// The kernel's, which libc does not declare.
struct Entry {
  uint64_t inode;
  int64_t offset;
  uint16_t bytes;
  uint8_t type;
  char name[1];
};

int number(const char *text) noexcept {
  int value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (*text - '0');
  return *text == '\0' ? value : 0;
}

bool take_hex(const char *&at, uint64_t &value) noexcept {
  while (*at == ' ') ++at;
  if (at[0] != '0' || at[1] != 'x') return false;
  value = 0;
  for (at += 2;; ++at) {
    if (*at >= '0' && *at <= '9') {
      value = value * 16 + static_cast<uint64_t>(*at - '0');
    } else if (*at >= 'a' && *at <= 'f') {
      value = value * 16 + static_cast<uint64_t>(*at - 'a') + 10;
    } else {
      return true;
    }
  }
}

void look_at(Standing &thread) noexcept {
  char path[64], line[256];
  TextBuffer name(path, sizeof path - 1);
  name.add("/proc/self/task/");
  name.add(static_cast<uint64_t>(thread.tid));
  name.add("/syscall");
  path[name.size()] = '\0';
  const long bytes = sys::read_file(path, line, sizeof line - 1);
  if (bytes <= 0) return;
  line[bytes] = '\0';
  parse_standing(line, thread);
}

}  // namespace

// "running", or the number of the call, its arguments, stack pointer and program counter; no arguments, after
// -1, where it sleeps outside of a call.
bool parse_standing(const char *line, Standing &out) noexcept {
  const bool in_call = *line >= '0' && *line <= '9';
  if (!in_call && *line != '-') return false;
  const char *at = line;
  while (*at != ' ' && *at != '\0') ++at;
  for (uint64_t &argument : out.arguments) {
    argument = 0;
    if (in_call && !take_hex(at, argument)) return false;
  }
  uint64_t stack_pointer = 0, counter = 0;
  out.asleep = take_hex(at, stack_pointer) && take_hex(at, counter);
  out.stack_pointer = stack_pointer;
  out.at = counter;
  return out.asleep;
}

size_t standings(Standing *out, size_t most) noexcept {
  const long directory = sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/task"),
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (sys::failed(directory)) return 0;
  alignas(Entry) char entries[4096];
  size_t count = 0;
  const int self = sys::tid();
  for (long bytes;
       (bytes = sys::call(SYS_getdents64, directory, reinterpret_cast<long>(entries), sizeof entries)) > 0;) {
    for (long at = 0; at < bytes;) {
      const auto *entry = reinterpret_cast<const Entry *>(entries + at);
      at += entry->bytes;
      const int tid = number(entry->name);
      if (tid == 0 || tid == self || count == most) continue;
      out[count] = {};
      out[count].tid = tid;
      look_at(out[count++]);
    }
  }
  sys::call(SYS_close, directory);
  return count;
}

}  // namespace heapmeter::leaks
