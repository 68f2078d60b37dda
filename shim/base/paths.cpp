// SPDX-License-Identifier: MIT
#include "base/paths.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/compiler.h"
#include "base/sys.h"

namespace heapmeter::paths {
namespace {

constexpr size_t kRunRoom = 1024;
constexpr size_t kDirectoryRoom = 71;  // a socket path has 107 bytes, its file name up to 32

constinit char kept_directory[kDirectoryRoom] = {};
constinit char kept_runtime_directory[kDirectoryRoom] = {};
constinit char kept_run[kRunRoom] HEAPMETER_APART("run") = {};
constinit char kept_report[PATH_MAX] HEAPMETER_APART("report") = {};

// Behind the first `start` bytes of the room.
template <size_t kRoom>
const char *keep(const char *value, char (&room)[kRoom], size_t start = 0) noexcept {
  const size_t bytes = strlen(value) + 1;
  if (bytes > kRoom - start) return nullptr;
  memcpy(room + start, value, bytes);
  return room;
}

bool empty(const char *value) noexcept { return value == nullptr || *value == '\0'; }

// Writes the working directory and a slash; 0 when it has no path.
template <size_t kRoom>
size_t start_here(char (&room)[kRoom]) noexcept {
  const long length = sys::call(SYS_getcwd, reinterpret_cast<long>(room), sizeof room - 1);
  if (sys::failed(length) || room[0] != '/') return 0;
  room[length - 1] = '/';
  return static_cast<size_t>(length);
}

}  // namespace

const char *directory(const char *value, const char *&fault) noexcept {
  if (empty(value)) return nullptr;
  if (value[0] != '/') {
    fault = "HEAPMETER_DIR is not an absolute path; the default directory is used";
    return nullptr;
  }
  const char *kept = keep(value, kept_directory);
  if (kept == nullptr) fault = "HEAPMETER_DIR is longer than 70 bytes; the default directory is used";
  return kept;
}

// Not ours alone: one that does not suit us is no fault.
const char *runtime_directory(const char *value, const char *&) noexcept {
  return empty(value) || value[0] != '/' ? nullptr : keep(value, kept_runtime_directory);
}

const char *report(const char *value, const char *&fault) noexcept {
  if (empty(value) || strcmp(value, "off") == 0) return nullptr;
  if (strcmp(value, "stderr") == 0) return keep(value, kept_report);
  if (strchr(value, '/') == nullptr) {
    fault = "HEAPMETER_REPORT is neither off, stderr, nor a path with a '/'; no report is written";
    return nullptr;
  }
  const char *kept = keep(value, kept_report, value[0] == '/' ? 0 : start_here(kept_report));
  if (kept == nullptr) fault = "HEAPMETER_REPORT is longer than a path may be; no report is written";
  return kept;
}

// Set by our own tool: another's value is no fault, it is nobody's directory.
const char *run(const char *value, const char *&) noexcept {
  return empty(value) || value[0] != '/' ? nullptr : keep(value, kept_run);
}

}  // namespace heapmeter::paths
