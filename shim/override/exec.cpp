// SPDX-License-Identifier: MIT
//
// How a process becomes another program, starts one, or ends without its exit: `heapmeter run` is told, so
// that it knows of programs that the meter cannot enter, and has the report of what leaves by _exit.
// Otherwise the call goes on as it came. exec and _exit are called by vfork children, too, and by signal
// handlers.
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/sys.h"
#include "leaks/look.h"
#include "override/real.h"
#include "service/notices.h"
#include "service/report.h"
#include "tracking/tracked_heap.h"

namespace {

using namespace heapmeter;
using Words = char *const *;

constinit Real<int(const char *, Words)> real_execv{"execv"}, real_execvp{"execvp"};
constinit Real<int(const char *, Words, Words)> real_execve{"execve"}, real_execvpe{"execvpe"};

template <typename Function, typename... Arguments>
int become(Function &real, const char *path, Arguments... arguments) noexcept {
  notices::Becoming becoming(path);
  const int result = real(path, arguments...);
  becoming.failed();
  return result;
}

using Spawn = int(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, Words,
                  Words);
constinit Real<Spawn> real_spawn{"posix_spawn"}, real_spawnp{"posix_spawnp"};

int spawn(Real<Spawn> &real, pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
          const posix_spawnattr_t *attributes, Words words, Words environment) noexcept {
  const uint64_t before_ns = notices::now();
  pid_t child = 0;
  const int error = real(&child, path, actions, attributes, words, environment);
  if (error != 0) return error;
  if (pid != nullptr) *pid = child;
  notices::started(child, before_ns, path);
  return 0;
}

constinit Real<void(int)> real_exit{"_exit"};

[[noreturn]] void leave(int code) noexcept {
  if (notices::of_this_process() && tracked_heap::metering()) report::write(HEAPMETER_STACK_POINTER());
  if (auto *function = real_exit.find()) function(code);
  for (;;) sys::call(SYS_exit_group, code);
}

// With the null at their end.
size_t count(const char *first, va_list &words) noexcept {
  size_t number = 1;
  for (const char *word = first; word != nullptr; word = va_arg(words, char *)) ++number;
  return number;
}

void take(const char *first, va_list &words, char **out) noexcept {
  char *word = const_cast<char *>(first);
  for (*out = word; word != nullptr; *++out = word) word = va_arg(words, char *);
}

}  // namespace

// The words of a call as a list on this stack, for a vfork child may not allocate; `words` is behind them
// then.
#define HEAPMETER_LIST_OF_WORDS(list, words, first)                                                 \
  va_list words;                                                                                    \
  va_start(words, first);                                                                           \
  char **const list = static_cast<char **>(__builtin_alloca(count(first, words) * sizeof(char *))); \
  va_end(words);                                                                                    \
  va_start(words, first);                                                                           \
  take(first, words, list)

extern "C" {

HEAPMETER_EXPORT int execve(const char *path, Words words, Words environment) noexcept {
  return become(real_execve, path, words, environment);
}
HEAPMETER_EXPORT int execv(const char *path, Words words) noexcept { return become(real_execv, path, words); }
HEAPMETER_EXPORT int execvp(const char *file, Words words) noexcept {
  return become(real_execvp, file, words);
}
HEAPMETER_EXPORT int execvpe(const char *file, Words words, Words environment) noexcept {
  return become(real_execvpe, file, words, environment);
}

HEAPMETER_EXPORT int execl(const char *path, const char *first, ...) noexcept {
  HEAPMETER_LIST_OF_WORDS(list, words, first);
  va_end(words);
  return become(real_execv, path, list);
}
HEAPMETER_EXPORT int execlp(const char *file, const char *first, ...) noexcept {
  HEAPMETER_LIST_OF_WORDS(list, words, first);
  va_end(words);
  return become(real_execvp, file, list);
}
HEAPMETER_EXPORT int execle(const char *path, const char *first, ...) noexcept {
  HEAPMETER_LIST_OF_WORDS(list, words, first);
  const Words environment = va_arg(words, char **);
  va_end(words);
  return become(real_execve, path, list, environment);
}

HEAPMETER_EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                                 const posix_spawnattr_t *attributes, Words words, Words environment) {
  return spawn(real_spawn, pid, path, actions, attributes, words, environment);
}
HEAPMETER_EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                                  const posix_spawnattr_t *attributes, Words words, Words environment) {
  return spawn(real_spawnp, pid, file, actions, attributes, words, environment);
}

HEAPMETER_EXPORT void _exit(int code) { leave(code); }
HEAPMETER_EXPORT void _Exit(int code) noexcept { leave(code); }

}  // extern "C"
