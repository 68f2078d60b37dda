// SPDX-License-Identifier: MIT
#include "base/options.h"

#include <string.h>
#include <sys/auxv.h>

#include "base/paths.h"
#include "base/quantity.h"
#include "base/sys.h"

namespace heapmeter::options {
namespace {

constinit Options chosen = {};
constinit bool read = false;
// What complain() says of each text.
struct Faults {
#define HEAPMETER_TEXT(field, variable, help) const char *field = nullptr;
#include "base/options.def"
#undef HEAPMETER_TEXT
};
constinit Faults faults = {};

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

// Likewise.
bool measure(uint64_t &field, const char *value, const quantity::Words &words) noexcept {
  return value == nullptr || *value == '\0' || quantity::parse(value, strlen(value), words, field);
}

bool listed(const char *names, const char *name) noexcept {
  const size_t length = strlen(name);
  for (const char *at = names; at != nullptr; at = strchr(at, ',')) {
    if (*at == ',') ++at;
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) return true;
  }
  return false;
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
#define HEAPMETER_TEXT(field, variable, help) \
  chosen.field = paths::field(sys::environment(variable), faults.field);
#include "base/options.def"
#undef HEAPMETER_TEXT
#define HEAPMETER_BYTES(field, variable, value, words, help) \
  measure(chosen.field, sys::environment(variable), words);
#include "base/options.def"
#undef HEAPMETER_BYTES
#define HEAPMETER_LIST(field, variable, help) const char *field = sys::environment(variable);
#include "base/options.def"
#undef HEAPMETER_LIST
  const char *name = program_name();
  if (only != nullptr && *only != '\0' && !listed(only, name)) chosen.off = true;
  if (except != nullptr && listed(except, name)) chosen.off = true;
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
  uint64_t unused = 0;
#define HEAPMETER_BYTES(field, variable, value, words, help)                                    \
  if (!measure(unused, sys::environment(variable), words)) {                                    \
    sys::warn(variable " is no number of bytes such as 512K, nor a word; the default is used"); \
  }
#include "base/options.def"
#undef HEAPMETER_BYTES
  get();
#define HEAPMETER_TEXT(field, variable, help) \
  if (faults.field != nullptr) sys::warn(faults.field);
#include "base/options.def"
#undef HEAPMETER_TEXT
}

}  // namespace heapmeter::options
