// SPDX-License-Identifier: MIT
//
// The entries of a directory of /proc that are numbers: threads, descriptors.
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "base/sys.h"

namespace heapmeter::leaks {

// The kernel's, which libc does not declare.
struct DirectoryEntry {
  uint64_t inode;
  int64_t next;  // where to go on behind it
  uint16_t bytes;
  uint8_t type;
  char name[1];

  // 0 where the name is none.
  bool is_number(int &value) const noexcept {
    const char *at = name;
    for (value = 0; *at >= '0' && *at <= '9'; ++at) value = value * 10 + (*at - '0');
    return *at == '\0' && at != name;
  }
};

// `each(number)` from that position on, until it says false. Whether it came to the end.
template <typename Each>
bool each_number_in(const char *path, long &position, Each each) noexcept {
  const long directory =
      sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (sys::failed(directory)) return true;
  if (position != 0) sys::call(SYS_lseek, directory, position, SEEK_SET);
  alignas(DirectoryEntry) char entries[4096];
  bool on = true;
  for (long bytes; on && (bytes = sys::call(SYS_getdents64, directory, reinterpret_cast<long>(entries),
                                            sizeof entries)) > 0;) {
    for (long at = 0; on && at < bytes;) {
      const auto *entry = reinterpret_cast<const DirectoryEntry *>(entries + at);
      at += entry->bytes;
      position = entry->next;
      int value = 0;
      if (entry->is_number(value)) on = each(value);
    }
  }
  sys::call(SYS_close, directory);
  return on;
}

}  // namespace heapmeter::leaks
