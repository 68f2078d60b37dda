// SPDX-License-Identifier: MIT
#include "base/options.h"

#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/sys.h"

namespace heapmeter::options {
namespace {

constexpr size_t kLongestDirectory = 70;  // a socket path has 107 bytes, its file name up to 32
constexpr size_t kTextRoom = 8192;

constinit Options chosen = {};
constinit bool read = false;
constinit char text[kTextRoom] = {};
constinit size_t text_used = 0;

bool same(const char *a, const char *b) noexcept { return strcmp(a, b) == 0; }

// False when the value is neither word; then `chosen` keeps its default.
bool choose(bool &field, const char *value, const char *yes, const char *no) noexcept {
  if (value == nullptr || *value == '\0') return true;
  if (same(value, yes)) {
    field = true;
  } else if (same(value, no)) {
    field = false;
  } else {
    return false;
  }
  return true;
}

const char *keep(const char *value) noexcept {
  if (value == nullptr || *value == '\0') return nullptr;
  const size_t bytes = strlen(value) + 1;
  if (bytes > kTextRoom - text_used) return nullptr;
  char *copy = text + text_used;
  memcpy(copy, value, bytes);
  text_used += bytes;
  return copy;
}

bool listed(const char *names, const char *name) noexcept {
  const size_t length = strlen(name);
  for (const char *at = names; at != nullptr; at = strchr(at, ',')) {
    if (*at == ',') ++at;
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) return true;
  }
  return false;
}

const char *directory_fault(const char *directory) noexcept {
  if (directory == nullptr || *directory == '\0') return nullptr;
  if (directory[0] != '/') return "HEAPMETER_DIR is not an absolute path; the default directory is used";
  if (strlen(directory) > kLongestDirectory) {
    return "HEAPMETER_DIR is longer than 70 bytes; the default directory is used";
  }
  return nullptr;
}

const char *report_fault(const char *report) noexcept {
  if (report == nullptr || *report == '\0' || same(report, "off") || same(report, "stderr") ||
      strchr(report, '/') != nullptr) {
    return nullptr;
  }
  return "HEAPMETER_REPORT is neither off, stderr, nor a path with a '/'; no report is written";
}

void read_all() noexcept {
  // With more rights than its user has (set-uid), the process takes no orders from the user's environment.
  if (getauxval(AT_SECURE) != 0) {
    chosen.serve = false;
    return;
  }
#define HEAPMETER_CHOICE(field, variable, value, yes, no, help) \
  choose(chosen.field, sys::environment(variable), yes, no);
#include "base/options.def"
#undef HEAPMETER_CHOICE
#define HEAPMETER_TEXT(field, variable, help) chosen.field = keep(sys::environment(variable));
#include "base/options.def"
#undef HEAPMETER_TEXT
  const char *runtime = sys::environment("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/' && strlen(runtime) <= kLongestDirectory) {
    chosen.runtime_directory = keep(runtime);
  }
  if (directory_fault(chosen.directory) != nullptr) chosen.directory = nullptr;
  if (report_fault(chosen.report) != nullptr || (chosen.report != nullptr && same(chosen.report, "off"))) {
    chosen.report = nullptr;
  }
  const char *name = program_name();
  if (chosen.only != nullptr && !listed(chosen.only, name)) chosen.off = true;
  if (chosen.except != nullptr && listed(chosen.except, name)) chosen.off = true;
}

void say(const char *fault) noexcept {
  if (fault != nullptr) sys::warn(fault);
}

}  // namespace

const char *program_name() noexcept {
  const auto *path = reinterpret_cast<const char *>(getauxval(AT_EXECFN));
  if (path == nullptr) return "";
  const char *slash = strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

const Options &get() noexcept {
  if (!read) {
    read = true;
    read_all();
  }
  return chosen;
}

void complain() noexcept {
  if (getauxval(AT_SECURE) != 0) return;
  bool ignored = false;
#define HEAPMETER_CHOICE(field, variable, value, yes, no, help)                \
  if (!choose(ignored, sys::environment(variable), yes, no)) {                 \
    sys::warn(variable " is neither " yes " nor " no "; the default is used"); \
  }
#include "base/options.def"
#undef HEAPMETER_CHOICE
  say(directory_fault(sys::environment("HEAPMETER_DIR")));
  say(report_fault(sys::environment("HEAPMETER_REPORT")));
}

}  // namespace heapmeter::options
