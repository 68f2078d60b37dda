// SPDX-License-Identifier: MIT
#include "leaks/room.h"

#include <string.h>

#include "base/sys.h"
#include "base/text_buffer.h"

namespace heapmeter::leaks::room {
namespace {

constexpr uint64_t kNoLimit = UINT64_MAX;
constexpr size_t kMostPath = 1024;  // the service has a small stack

uint64_t number_at(const char *at) noexcept {
  if (*at < '0' || *at > '9') return kNoLimit;  // "max"
  uint64_t value = 0;
  for (; *at >= '0' && *at <= '9'; ++at) value = value * 10 + static_cast<uint64_t>(*at - '0');
  return value;
}

// A file of a group; false where there is none.
bool read(const char *directory, const char *group, const char *file, char *out, size_t capacity) noexcept {
  char path[kMostPath];
  TextBuffer text(path, sizeof path - 1);
  text.add(directory);
  text.add(group);
  text.add("/");
  text.add(file);
  if (text.overflowed()) return false;
  path[text.size()] = '\0';
  const long bytes = sys::read_file(path, out, capacity - 1);
  if (bytes <= 0) return false;
  out[bytes] = '\0';
  return true;
}

uint64_t number(const char *directory, const char *group, const char *file, uint64_t otherwise) noexcept {
  char text[64];
  return read(directory, group, file, text, sizeof text) ? number_at(text) : otherwise;
}

// Of files, and given up before anybody is ended for it.
uint64_t reclaimable(const char *directory, const char *group) noexcept {
  char text[2048];  // it stands before the rest of what grows with every kernel
  if (!read(directory, group, "memory.stat", text, sizeof text)) return 0;
  constexpr char kName[] = "\ninactive_file ";
  const char *line = strstr(text, kName);
  return line == nullptr ? 0 : number_at(line + sizeof kName - 1);
}

// Its path in the one hierarchy, without the slash at the end; false where there is none.
bool group_of(char *text) noexcept {
  for (char *line = text; *line != '\0';) {
    char *end = strchr(line, '\n');
    if (end != nullptr) *end = '\0';
    if (strncmp(line, "0::/", 4) == 0 && strstr(line, "..") == nullptr) {
      memmove(text, line + 3, strlen(line + 3) + 1);
      const size_t length = strlen(text);
      if (text[length - 1] == '/') text[length - 1] = '\0';
      return true;
    }
    if (end == nullptr) return false;
    line = end + 1;
  }
  return false;
}

}  // namespace

uint64_t bytes_of_copy() noexcept {
  char text[128];
  const long bytes = sys::read_file("/proc/self/statm", text, sizeof text - 1);
  if (bytes <= 0) return 0;
  text[bytes] = '\0';
  uint64_t pages[3] = {};  // size, resident, of files and shared
  const char *at = text;
  for (uint64_t &value : pages) {
    value = number_at(at);
    while (*at != '\0' && *at != ' ') ++at;
    while (*at == ' ') ++at;
  }
  return pages[1] > pages[2] ? (pages[1] - pages[2]) * sys::page_bytes() : 0;
}

// Those that a limit of a group above ends together are below it: from the leaf upwards.
bool has(const char *groups_of_process, const char *directory, uint64_t bytes) noexcept {
  char group[kMostPath];
  const long length = sys::read_file(groups_of_process, group, sizeof group - 1);
  if (length <= 0) return true;
  group[length] = '\0';
  if (!group_of(group)) return true;
  for (bool together = false;;) {
    together |= number(directory, group, "memory.oom.group", 0) == 1;
    const uint64_t limit = number(directory, group, "memory.max", kNoLimit);
    if (together && limit != kNoLimit) {
      const uint64_t taken = number(directory, group, "memory.current", 0),
                     back = reclaimable(directory, group);
      const uint64_t fixed = taken > back ? taken - back : 0;
      if (fixed + bytes > limit) return false;
    }
    char *last = strrchr(group, '/');
    if (last == nullptr) return true;
    *last = '\0';
  }
}

}  // namespace heapmeter::leaks::room
