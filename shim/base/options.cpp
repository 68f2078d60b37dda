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

// What the environment says of each, nothing believed yet.
struct Given {
#define HEAPMETER_CHOICE(field, variable, value, yes, no, help) const char *field = nullptr;
#define HEAPMETER_TEXT(field, variable, help) const char *field = nullptr;
#define HEAPMETER_BYTES(field, variable, value, words, help) const char *field = nullptr;
#define HEAPMETER_LIST(field, variable, help) const char *field = nullptr;
#include "base/options.def"
#undef HEAPMETER_CHOICE
#undef HEAPMETER_TEXT
#undef HEAPMETER_BYTES
#undef HEAPMETER_LIST
};

// The first of a name counts, as for getenv. Most are told apart by how long they are, for less than by a
// call.
template <size_t kBytes>
void take(const char *&value, const char *entry, size_t length, const char (&variable)[kBytes]) noexcept {
  if (length < kBytes || entry[kBytes - 1] != '=' || value != nullptr) return;
  value = sys::value_in(entry, variable, kBytes - 1);
}

// In one pass, since every process pays for it at its start, and few entries are ours.
Given given() noexcept {
  Given values;
  sys::Environment all;
  while (const char *entry = all.next()) {
    if (*entry != 'H' && *entry != 'X') continue;
    const size_t length = strlen(entry);
#define HEAPMETER_CHOICE(field, variable, value, yes, no, help) take(values.field, entry, length, variable);
#define HEAPMETER_TEXT(field, variable, help) take(values.field, entry, length, variable);
#define HEAPMETER_BYTES(field, variable, value, words, help) take(values.field, entry, length, variable);
#define HEAPMETER_LIST(field, variable, help) take(values.field, entry, length, variable);
#include "base/options.def"
#undef HEAPMETER_CHOICE
#undef HEAPMETER_TEXT
#undef HEAPMETER_BYTES
#undef HEAPMETER_LIST
  }
  return values;
}

void read_all() noexcept {
  // With more rights than its user has (set-uid), the process takes no orders from the user's environment.
  if (getauxval(AT_SECURE) != 0) {
    chosen.serve = false;
    return;
  }
  const Given values = given();
#define HEAPMETER_CHOICE(field, variable, value, yes, no, help) choose(chosen.field, values.field, yes, no);
#include "base/options.def"
#undef HEAPMETER_CHOICE
#define HEAPMETER_TEXT(field, variable, help) chosen.field = paths::field(values.field, faults.field);
#include "base/options.def"
#undef HEAPMETER_TEXT
#define HEAPMETER_BYTES(field, variable, value, words, help) measure(chosen.field, values.field, words);
#include "base/options.def"
#undef HEAPMETER_BYTES
  const char *name = program_name();
  if (values.only != nullptr && *values.only != '\0' && !listed(values.only, name)) chosen.off = true;
  if (values.except != nullptr && listed(values.except, name)) chosen.off = true;
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
  const Given values = given();
  bool ignored = false;
#define HEAPMETER_CHOICE(field, variable, value, yes, no, help)                \
  if (!choose(ignored, values.field, yes, no)) {                               \
    sys::warn(variable " is neither " yes " nor " no "; the default is used"); \
  }
#include "base/options.def"
#undef HEAPMETER_CHOICE
  uint64_t unused = 0;
#define HEAPMETER_BYTES(field, variable, value, words, help)                                    \
  if (!measure(unused, values.field, words)) {                                                  \
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
