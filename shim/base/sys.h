// SPDX-License-Identifier: MIT
//
// The kernel, asked directly. Usable at any time: before relocation of libc's data is done, in a forked
// child, in the service thread, which has no thread-local storage of its own: nothing here reads errno, takes
// a lock, allocates, or calls a function that the program could have interposed. Every function returns the
// kernel's answer: a value, or minus the error number.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "base/compiler.h"

namespace heapmeter::sys {

long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) noexcept;

inline bool failed(long result) noexcept { return result < 0 && result > -4096; }

// A child process, or a thread, which begins in run(argument), on a stack of its own, and does not return
// from it. The words and the thread pointer as the flags ask for them.
struct Clone {
  long flags;
  void *stack_end;
  void (*run)(void *);
  void *argument;
  void *parents_word = nullptr;  // CLONE_PARENT_SETTID
  void *childs_word = nullptr;   // CLONE_CHILD_CLEARTID
  void *thread_pointer = nullptr;
};
// Its number, or minus the error. Libc's clone sets errno when it fails: in a thread that has no place for
// that, in the middle of its stack. And it lies on a page that a forked child would touch for this alone.
long clone(const Clone &how) noexcept;

#if defined(__x86_64__)
inline constexpr size_t kMostPageBytes = 4096;
inline constexpr size_t page_bytes() noexcept { return kMostPageBytes; }
#else
inline constexpr size_t kMostPageBytes = 65536;
size_t page_bytes() noexcept;
#endif
// A part of what begins at a page, with nothing behind it on its last one, however long pages are. By its
// size: alignas would promise that the whole begins where the longest would, which no mapping has to.
template <typename Part>
struct WithRestOfPage : Part {
  char rest_of_page[kMostPageBytes - sizeof(Part) % kMostPageBytes];
};
// The page, and the beginning of the next one unless it is there already.
inline uintptr_t page_of(uintptr_t address) noexcept { return address & -uintptr_t{page_bytes()}; }
inline uintptr_t whole_pages(uintptr_t address) noexcept { return page_of(address + page_bytes() - 1); }

// Anonymous private memory without swap reservation; nullptr when there is none.
void *map(size_t bytes) noexcept;
// The same for a thread's stack; kernels since 6.7 list it as that, and keep it apart from its neighbours.
void *map_stack(size_t bytes) noexcept;
// The program asks the kernel to lock what is mapped from here on: not what map() gives.
void expect_locking() noexcept;
// Memory with reservation: refused, as overcommit settings and limits have it, where malloc would be.
void *map_reserved(size_t bytes) noexcept;
// What forked children and their parent see alike.
void *map_shared(size_t bytes) noexcept;
// Resizes a mapping where it is, or false.
bool remap(void *start, size_t bytes, size_t new_bytes) noexcept;
// Resizes and moves it as need be; nullptr when refused.
void *remap_elsewhere(void *start, size_t bytes, size_t new_bytes) noexcept;
// Whether there is anything at this address.
bool is_mapped(const void *address) noexcept;
void keep_out_of_core_dumps(void *start, size_t bytes) noexcept;
// No huge pages where a little is written here and there.
void keep_pages_small(void *start, size_t bytes) noexcept;
// The contrary, where all of it is soon written.
void let_pages_be_huge(void *start, size_t bytes) noexcept;
// Zero in a child that does not share this memory; where the kernel cannot, the child has a copy as ever.
void wipe_on_fork(void *start, size_t bytes) noexcept;
void unmap(void *start, size_t bytes) noexcept;
// Its pages go back to the kernel and are zero again, locked or not.
void forget(void *start, size_t bytes) noexcept;
// Of the pages that [start, start + bytes) lies on, the bytes that are resident.
size_t resident_bytes(const void *start, size_t bytes) noexcept;

// Everything, across interruptions: 0, or minus the error. Raises no signal, and does not wait for a reader
// that has stopped reading: -EAGAIN.
long write_all(int fd, const char *text, size_t bytes) noexcept;
// One line on the standard error stream.
void warn(const char *line) noexcept;
// A whole small file; bytes read, or minus the error.
long read_file(const char *path, char *buffer, size_t capacity) noexcept;

// Of the whole process; 0 when /proc is not there.
uint64_t resident_pages() noexcept;

int pid() noexcept;
int parent_pid() noexcept;
int tid() noexcept;
uint64_t monotonic_ns() noexcept;
// A field of /proc/self/stat, numbered as in proc(5); 0 when /proc is not there.
uint64_t stat_number(int field) noexcept;
char stat_letter(int field) noexcept;
uint64_t start_time_ticks() noexcept;
// RLIMIT_*, UINT64_MAX when unlimited.
uint64_t limit(int resource) noexcept;
// Of those of memory that count addresses, the lower one.
uint64_t address_limit() noexcept;
// A figure in kB of the text of /proc/self/status or /proc/meminfo, whose name ends with the colon; 0 when
// there is none.
uint64_t bytes_behind(const char *text, const char *name) noexcept;
// What the kernel has left to promise, where it promises no more than it has (vm.overcommit_memory is 2), to
// all processes; else UINT64_MAX.
uint64_t unpromised_bytes() noexcept;

constexpr uint32_t kNoDeadline = UINT32_MAX;
// Sleeps while *word == expected, at most this long; returns early when woken.
void futex_wait(const uint32_t *word, uint32_t expected, uint32_t milliseconds) noexcept;
// The same for a word that the kernel itself clears and wakes for, as for a thread that has ended.
void futex_wait_for_kernel(const uint32_t *word, uint32_t expected, uint32_t milliseconds) noexcept;
void sleep_ns(uint32_t nanoseconds) noexcept;
void futex_wake(const uint32_t *word) noexcept;

// The value of an environment variable; libc's getenv is replaced by some programs.
const char *environment(const char *name) noexcept;
// Each NAME=VALUE of the environment, in its order: for who looks for many names at once.
class Environment {
 public:
  Environment() noexcept;
  // Null behind the last.
  const char *next() noexcept;

 private:
  char **listed_;
  // What the kernel gave the process, for callers that come before libc has a list (preinit_array).
  const char *first_ = nullptr, *end_ = nullptr;
};
// Behind the name and its '=', where the entry is of that name; else null.
const char *value_in(const char *entry, const char *name, size_t length) noexcept;

}  // namespace heapmeter::sys
