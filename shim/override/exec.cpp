// SPDX-License-Identifier: MIT
//
// The exec family: the program that comes must not inherit the image that a look is taken of, and `heapmeter
// run` is told which it is. Those with their arguments one by one are, as in libc, the same with a list,
// which lies on the stack: exec may be called in a signal handler and in a vfork child.
#include "override/exec.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/sys.h"
#include "base/text_buffer.h"
#include "leaks/permit.h"
#include "override/real.h"

namespace {

using namespace heapmeter;
using override_exec::leaving, override_exec::Located;
using Strings = char *const *;

constinit Real<int(const char *, Strings)> real_execv{"execv"}, real_execvp{"execvp"};
constinit Real<int(const char *, Strings, Strings)> real_execve{"execve"}, real_execvpe{"execvpe"};
constinit Real<int(int, Strings, Strings)> real_fexecve{"fexecve"};
constinit Real<int(int, const char *, Strings, Strings, int)> real_execveat{"execveat"};

// What stands one by one behind the first, up to the null.
size_t count(va_list rest) noexcept {
  size_t words = 2;
  while (va_arg(rest, char *) != nullptr) ++words;
  return words;
}
void list(char **arguments, size_t words, const char *first, va_list rest) noexcept {
  arguments[0] = const_cast<char *>(first);
  for (size_t at = 1; at < words; ++at) arguments[at] = va_arg(rest, char *);
}

}  // namespace

// On the caller's stack, as `arguments`; `rest` then stands behind them.
#define HEAPMETER_LIST_ARGUMENTS(first)                                              \
  va_list rest;                                                                      \
  va_start(rest, first);                                                             \
  const size_t words = count(rest);                                                  \
  va_end(rest);                                                                      \
  auto **arguments = static_cast<char **>(__builtin_alloca(words * sizeof(char *))); \
  va_start(rest, first);                                                             \
  list(arguments, words, first, rest)

extern "C" {

HEAPMETER_EXPORT int execv(const char *path, Strings arguments) noexcept {
  return leaving(path, [=] { return real_execv(path, arguments); });
}
HEAPMETER_EXPORT int execve(const char *path, Strings arguments, Strings environment) noexcept {
  return leaving(path, [=] { return real_execve(path, arguments, environment); });
}
HEAPMETER_EXPORT int execvp(const char *file, Strings arguments) noexcept {
  return leaving(file, [=] { return real_execvp(file, arguments); });
}
HEAPMETER_EXPORT int execvpe(const char *file, Strings arguments, Strings environment) noexcept {
  return leaving(file, [=] { return real_execvpe(file, arguments, environment); });
}
HEAPMETER_EXPORT int fexecve(int file, Strings arguments, Strings environment) noexcept {
  const Located located(file, nullptr);
  return leaving(located.path(), [=] { return real_fexecve(file, arguments, environment); });
}
HEAPMETER_EXPORT int execveat(int folder, const char *path, Strings arguments, Strings environment,
                              int flags) noexcept {
  const Located located(folder, path);
  return leaving(located.path(), [=] { return real_execveat(folder, path, arguments, environment, flags); });
}

HEAPMETER_EXPORT int execl(const char *path, const char *first, ...) noexcept {
  HEAPMETER_LIST_ARGUMENTS(first);
  va_end(rest);
  return execv(path, arguments);
}
HEAPMETER_EXPORT int execlp(const char *file, const char *first, ...) noexcept {
  HEAPMETER_LIST_ARGUMENTS(first);
  va_end(rest);
  return execvp(file, arguments);
}
HEAPMETER_EXPORT int execle(const char *path, const char *first, ...) noexcept {
  HEAPMETER_LIST_ARGUMENTS(first);
  auto *environment = va_arg(rest, char **);
  va_end(rest);
  return execve(path, arguments, environment);
}

}  // extern "C"

namespace heapmeter::override_exec {

// Where the kernel does not say what a descriptor is, as without /proc, it is named by that.
Located::Located(int folder, const char *path) noexcept : path_(path) {
  if (!notices::wanted() || (path != nullptr && !sys::is_mapped(path))) return;
  const bool below = path != nullptr && path[0] != '\0';
  if (below && (folder == AT_FDCWD || path[0] == '/')) return;
  char link[40];
  TextBuffer name(link, sizeof link - 1);
  name.add("/proc/self/fd/");
  name.add(static_cast<uint64_t>(folder < 0 ? 0 : folder));
  link[name.size()] = '\0';
  char target[sizeof room_ / 2];
  const long length = sys::call(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>(link),
                                reinterpret_cast<long>(target), sizeof target);
  TextBuffer whole(room_, sizeof room_ - 1);
  sys::failed(length) ? whole.add(link) : whole.add(target, static_cast<size_t>(length));
  if (below) {
    if (whole.data()[whole.size() - 1] != '/') whole.add("/");
    whole.add(path);
  }
  if (whole.overflowed()) return;
  room_[whole.size()] = '\0';
  path_ = room_;
}

void resolve() noexcept {
  real_execv.find();
  real_execve.find();
  real_execvp.find();
  real_execvpe.find();
  real_fexecve.find();
  real_execveat.find();
}

}  // namespace heapmeter::override_exec
