// SPDX-License-Identifier: MIT
//
// What the kernel says of this process, in /proc, too.
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/sys.h"

namespace heapmeter::sys {

int pid() noexcept { return static_cast<int>(call(SYS_getpid)); }
int parent_pid() noexcept { return static_cast<int>(call(SYS_getppid)); }
int tid() noexcept { return static_cast<int>(call(SYS_gettid)); }

uint64_t resident_pages() noexcept {
  char text[128];
  const long length = read_file("/proc/self/statm", text, sizeof text - 1);
  const char *at = text;
  for (text[length > 0 ? length : 0] = 0; *at != 0 && *at != ' ';) ++at;
  uint64_t pages = 0;
  for (; *at == ' ' || (*at >= '0' && *at <= '9'); ++at) {
    if (*at == ' ' && pages != 0) break;
    if (*at != ' ') pages = pages * 10 + static_cast<uint64_t>(*at - '0');
  }
  return pages;
}

namespace {

// The text of a field of /proc/self/stat, numbered as in proc(5) from 3 on; "" when /proc is not there.
const char *stat_field(int number, char (&text)[1024]) noexcept {
  const long length = read_file("/proc/self/stat", text, sizeof text - 1);
  text[length > 0 ? length : 0] = '\0';
  // Field 2 is the name in parentheses and may hold anything, also parentheses and blanks.
  const char *at = strrchr(text, ')');
  for (int field = 2; at != nullptr && field < number; ++field) {
    at = strchr(at, ' ');
    if (at != nullptr) ++at;
  }
  return at == nullptr ? "" : at;
}

}  // namespace

uint64_t stat_number(int field) noexcept {
  char text[1024];
  uint64_t number = 0;
  for (const char *at = stat_field(field, text); *at >= '0' && *at <= '9'; ++at) {
    number = number * 10 + static_cast<uint64_t>(*at - '0');
  }
  return number;
}

char stat_letter(int field) noexcept {
  char text[1024];
  return *stat_field(field, text);
}

uint64_t start_time_ticks() noexcept { return stat_number(22); }

uint64_t limit(int resource) noexcept {
  rlimit64 limits{};
  if (failed(call(SYS_prlimit64, 0, resource, 0, reinterpret_cast<long>(&limits)))) return UINT64_MAX;
  return limits.rlim_cur == RLIM64_INFINITY ? UINT64_MAX : limits.rlim_cur;
}

uint64_t address_limit() noexcept {
  const uint64_t space = limit(RLIMIT_AS), data = limit(RLIMIT_DATA);
  return space < data ? space : data;
}

uint64_t bytes_behind(const char *text, const char *name) noexcept {
  const char *at = strstr(text, name);
  if (at == nullptr) return 0;
  at += strlen(name);
  while (*at == ' ' || *at == '\t') ++at;
  uint64_t kib = 0;
  for (; *at >= '0' && *at <= '9'; ++at) kib = kib * 10 + static_cast<uint64_t>(*at - '0');
  return kib << 10;
}

uint64_t unpromised_bytes() noexcept {
  char mode = 0, text[2048];
  if (read_file("/proc/sys/vm/overcommit_memory", &mode, 1) != 1 || mode != '2') return UINT64_MAX;
  const long length = read_file("/proc/meminfo", text, sizeof text - 1);
  text[length > 0 ? length : 0] = '\0';
  const uint64_t all = bytes_behind(text, "\nCommitLimit:"), promised = bytes_behind(text, "\nCommitted_AS:");
  if (all == 0) return UINT64_MAX;
  return promised < all ? all - promised : 0;
}

namespace {

constinit char first_environment[32 * 1024] HEAPMETER_APART("first_environment") = {};
constinit long first_size = 0;

}  // namespace

Environment::Environment() noexcept : listed_(environ) {
  if (listed_ != nullptr) return;
  if (first_size == 0) {
    first_size = read_file("/proc/self/environ", first_environment, sizeof first_environment - 1);
  }
  first_ = first_environment;
  end_ = first_ + (first_size > 0 ? first_size : 0);
}

const char *Environment::next() noexcept {
  if (listed_ != nullptr) return *listed_ == nullptr ? nullptr : *listed_++;
  if (first_ >= end_) return nullptr;
  const char *entry = first_;
  first_ += strlen(entry) + 1;
  return entry;
}

const char *value_in(const char *entry, const char *name, size_t length) noexcept {
  return strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : nullptr;
}

const char *environment(const char *name) noexcept {
  const size_t length = strlen(name);
  Environment all;
  while (const char *entry = all.next()) {
    if (const char *value = value_in(entry, name, length)) return value;
  }
  return nullptr;
}

}  // namespace heapmeter::sys
