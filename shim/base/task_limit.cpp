// SPDX-License-Identifier: MIT
#include "base/task_limit.h"

#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <heapmeter/protocol.h>

#include "base/sys.h"
#include "base/text_buffer.h"

namespace heapmeter::task_limit {
namespace {

constexpr const char *kUnified = "/sys/fs/cgroup";
constexpr const char *kOfPids = "/sys/fs/cgroup/pids";  // before the unified hierarchy

constinit bool were_few = false;

bool few_for_user() noexcept { return sys::limit(RLIMIT_NPROC) < HEAPMETER_FEW_PROCESSES; }

// "max" is no number, and no limit.
bool few_in(const char *mount, const char *group, size_t length) noexcept {
  char path[512];
  TextBuffer name(path, sizeof path - 1);
  name.add(mount);
  name.add(group, length);
  name.add("/pids.max");
  path[name.size()] = '\0';
  if (name.overflowed()) return false;
  char text[24];
  const long got = sys::read_file(path, text, sizeof text);
  unsigned number = 0;
  long at = 0;
  for (; at < got && text[at] >= '0' && text[at] <= '9' && number < HEAPMETER_FEW_PROCESSES; ++at) {
    number = number * 10 + static_cast<unsigned>(text[at] - '0');
  }
  return at > 0 && number < HEAPMETER_FEW_PROCESSES;
}

// Of the group and of all that it is in. In a container without a namespace of groups only the outermost is
// there, and is the container's own.
bool few_along(const char *mount, const char *group, size_t length) noexcept {
  while (length > 0 && group[length - 1] == '/') --length;
  if (few_in(mount, group, length)) return true;
  while (length > 0) {
    while (length > 0 && group[--length] != '/') {
    }
    if (few_in(mount, group, length)) return true;
  }
  return false;
}

bool few_for_groups() noexcept {
  char text[4096];
  const long got = sys::read_file("/proc/self/cgroup", text, sizeof text - 1);
  text[got > 0 ? got : 0] = '\0';
  // Lines of number:controllers:/path.
  for (const char *line = text; *line != '\0';) {
    const size_t length = strcspn(line, "\n");
    const char *controllers = static_cast<const char *>(memchr(line, ':', length));
    if (controllers == nullptr) return false;
    const size_t rest = length - static_cast<size_t>(controllers + 1 - line);
    const char *path = static_cast<const char *>(memchr(controllers + 1, ':', rest));
    if (path == nullptr) return false;
    const size_t path_length = length - static_cast<size_t>(path + 1 - line);
    const size_t names = static_cast<size_t>(path - controllers - 1);
    if (names == 0 && few_along(kUnified, path + 1, path_length)) return true;
    if (names == 4 && memcmp(controllers + 1, "pids", 4) == 0 && few_along(kOfPids, path + 1, path_length)) {
      return true;
    }
    line += length;
    if (*line == '\n') ++line;
  }
  return false;
}

}  // namespace

bool few() noexcept {
  const bool now = few_for_user() || few_for_groups();
  __atomic_store_n(&were_few, now, __ATOMIC_RELAXED);
  return now;
}

bool few_at_start() noexcept {
  return few_for_user() || (__atomic_load_n(&were_few, __ATOMIC_RELAXED) && few_for_groups());
}

}  // namespace heapmeter::task_limit
