// SPDX-License-Identifier: MIT
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

namespace heapmeter::sys {

#if defined(__x86_64__)
long call(long number, long a, long b, long c, long d, long e, long f) noexcept {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
long call(long number, long a, long b, long c, long d, long e, long f) noexcept {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "heapmeter knows x86-64 and aarch64"
#endif

namespace {
long ask(long number, const void *a, long b = 0, long c = 0, long d = 0) noexcept {
  return call(number, reinterpret_cast<long>(a), b, c, d);
}
}  // namespace

namespace {

constexpr size_t kPage = 4096;

void *address_or_null(long start) noexcept {
  return failed(start) ? nullptr : reinterpret_cast<void *>(start);
}
void *map_as(size_t bytes, int protection, int more_flags) noexcept {
  return address_or_null(call(SYS_mmap, 0, static_cast<long>(bytes), protection,
                              MAP_PRIVATE | MAP_ANONYMOUS | more_flags, -1, 0));
}

constinit bool locking = false;

void *map_unlocked(size_t bytes, int more_flags) noexcept {
  if (!__atomic_load_n(&locking, __ATOMIC_RELAXED)) {
    return map_as(bytes, PROT_READ | PROT_WRITE, more_flags);
  }
  // A fresh mapping would be locked, and made resident, at once; one that grows is what it was: not locked.
  void *page = map_as(kPage, PROT_READ | PROT_WRITE, more_flags);
  if (page == nullptr) return nullptr;
  ask(SYS_munlock, page, kPage);
  void *grown = remap_elsewhere(page, kPage, bytes);
  if (grown == nullptr) unmap(page, kPage);
  return grown;
}

}  // namespace

void expect_locking() noexcept { __atomic_store_n(&locking, true, __ATOMIC_RELAXED); }

#if !defined(__x86_64__)
size_t page_bytes() noexcept { return getauxval(AT_PAGESZ); }
#endif

void *map(size_t bytes) noexcept { return map_unlocked(bytes, MAP_NORESERVE); }

void *map_stack(size_t bytes) noexcept { return map_unlocked(bytes, MAP_NORESERVE | MAP_STACK); }

void *map_reserved(size_t bytes) noexcept { return map_as(bytes, PROT_READ | PROT_WRITE, 0); }

bool remap(void *start, size_t bytes, size_t new_bytes) noexcept {
  return !failed(ask(SYS_mremap, start, static_cast<long>(bytes), static_cast<long>(new_bytes)));
}

void *remap_elsewhere(void *start, size_t bytes, size_t new_bytes) noexcept {
  return address_or_null(
      ask(SYS_mremap, start, static_cast<long>(bytes), static_cast<long>(new_bytes), MREMAP_MAYMOVE));
}

bool is_mapped(const void *address) noexcept {
  unsigned char resident;
  const auto page = reinterpret_cast<long>(address) & -static_cast<long>(kPage);
  return call(SYS_mincore, page, 1, reinterpret_cast<long>(&resident)) == 0;
}

void keep_out_of_core_dumps(void *start, size_t bytes) noexcept {
  ask(SYS_madvise, start, static_cast<long>(bytes), MADV_DONTDUMP);
}

void keep_pages_small(void *start, size_t bytes) noexcept {
  ask(SYS_madvise, start, static_cast<long>(bytes), MADV_NOHUGEPAGE);
}

void wipe_on_fork(void *start, size_t bytes) noexcept {
  ask(SYS_madvise, start, static_cast<long>(bytes), MADV_WIPEONFORK);
}

void forget(void *start, size_t bytes) noexcept {
  const auto all = static_cast<long>(bytes);
  if (!failed(ask(SYS_madvise, start, all, MADV_DONTNEED))) return;
  ask(SYS_munlock, start, all);
  ask(SYS_madvise, start, all, MADV_DONTNEED);
}

void unmap(void *start, size_t bytes) noexcept { ask(SYS_munmap, start, static_cast<long>(bytes)); }

size_t resident_bytes(const void *start, size_t bytes) noexcept {
  constexpr size_t kPagesAtOnce = 1024;  // on the stack, which may be small
  unsigned char resident[kPagesAtOnce];
  size_t pages = 0;
  const size_t lead = reinterpret_cast<uintptr_t>(start) % kPage;
  start = static_cast<const char *>(start) - lead;
  bytes += lead;
  for (size_t done = 0; done < bytes; done += kPagesAtOnce * kPage) {
    const size_t part = bytes - done < kPagesAtOnce * kPage ? bytes - done : kPagesAtOnce * kPage;
    const auto *from = static_cast<const char *>(start) + done;
    if (ask(SYS_mincore, from, static_cast<long>(part), reinterpret_cast<long>(resident)) != 0) continue;
    for (size_t i = 0; i < (part + kPage - 1) / kPage; ++i) pages += resident[i] & 1u;
  }
  return pages * kPage;
}

long read_file(const char *path, char *buffer, size_t capacity) noexcept {
  const long fd = call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (failed(fd)) return fd;
  size_t length = 0;
  long got = 0;
  while (length < capacity) {
    got = call(SYS_read, fd, reinterpret_cast<long>(buffer + length), static_cast<long>(capacity - length));
    if (got == -EINTR) continue;
    if (got <= 0) break;
    length += static_cast<size_t>(got);
  }
  call(SYS_close, fd);
  return failed(got) ? got : static_cast<long>(length);
}

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

int pid() noexcept { return static_cast<int>(call(SYS_getpid)); }
int parent_pid() noexcept { return static_cast<int>(call(SYS_getppid)); }
int tid() noexcept { return static_cast<int>(call(SYS_gettid)); }

uint64_t monotonic_ns() noexcept {
  timespec now{};
  call(SYS_clock_gettime, CLOCK_MONOTONIC, reinterpret_cast<long>(&now));
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
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

namespace {

void wait_on(const uint32_t *word, int how, uint32_t expected, uint32_t milliseconds) noexcept {
  timespec timeout{};
  timeout.tv_sec = milliseconds / 1000;
  timeout.tv_nsec = (milliseconds % 1000) * 1'000'000l;
  const auto limit = milliseconds == kNoDeadline ? 0 : reinterpret_cast<long>(&timeout);
  ask(SYS_futex, word, how, expected, limit);
}

}  // namespace

void futex_wait(const uint32_t *word, uint32_t expected, uint32_t milliseconds) noexcept {
  wait_on(word, FUTEX_WAIT_PRIVATE, expected, milliseconds);
}

void futex_wait_for_kernel(const uint32_t *word, uint32_t expected, uint32_t milliseconds) noexcept {
  wait_on(word, FUTEX_WAIT, expected, milliseconds);
}

void sleep_ns(uint32_t nanoseconds) noexcept {
  const timespec length{0, static_cast<long>(nanoseconds)};
  ask(SYS_nanosleep, &length);
}

void futex_wake(const uint32_t *word) noexcept { ask(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1); }

namespace {

// What the kernel gave the process, for callers that come before libc has set environ (preinit_array).
const char *first_environment(const char *name, size_t length) noexcept {
  static constinit char text[32 * 1024] = {};
  static constinit long size = 0;
  if (size == 0) size = read_file("/proc/self/environ", text, sizeof text - 1);
  for (const char *entry = text; entry < text + (size > 0 ? size : 0); entry += strlen(entry) + 1) {
    if (strncmp(entry, name, length) == 0 && entry[length] == '=') return entry + length + 1;
  }
  return nullptr;
}

}  // namespace

const char *environment(const char *name) noexcept {
  const size_t length = strlen(name);
  if (environ == nullptr) return first_environment(name, length);
  for (char **entry = environ; *entry != nullptr; ++entry) {
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  }
  return nullptr;
}

}  // namespace heapmeter::sys
