// SPDX-License-Identifier: MIT
//
// dlopen with RTLD_DEEPBIND would bind a plugin's malloc to libc's and its free to ours, or the other way
// round. The flag is dropped; the jump must be a tail call, for libc's dlopen looks at its caller for
// RUNPATH.
//
// unshare and setns want a single-threaded process, and the set*id family reaches only threads that glibc
// knows: the service thread makes way, and starts again with what the caller has then.
#include <dlfcn.h>
#include <errno.h>
#include <sys/types.h>

#include "compiler.h"
#include "service.h"

namespace {

using Dlopen = void *(*)(const char *, int);
constinit Dlopen real_dlopen = nullptr;

// libc's function of that name with the service thread out of the way; errno is the function's own.
template <typename... Arguments>
int without_service(const char *name, Arguments... arguments) noexcept {
  auto *real = reinterpret_cast<int (*)(Arguments...)>(dlsym(RTLD_NEXT, name));
  if (real == nullptr) {
    errno = ENOSYS;
    return -1;
  }
  heapmeter::service::pause();
  const int result = real(arguments...);
  const int saved_errno = errno;
  heapmeter::service::resume();
  errno = saved_errno;
  return result;
}

}  // namespace

extern "C" {

HEAPMETER_EXPORT void *dlopen(const char *file, int mode) noexcept {
  if (real_dlopen == nullptr) real_dlopen = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return real_dlopen(file, mode & ~RTLD_DEEPBIND);
}

HEAPMETER_EXPORT int unshare(int flags) noexcept { return without_service("unshare", flags); }
HEAPMETER_EXPORT int setns(int fd, int type) noexcept { return without_service("setns", fd, type); }
HEAPMETER_EXPORT int setuid(uid_t id) noexcept { return without_service("setuid", id); }
HEAPMETER_EXPORT int setgid(gid_t id) noexcept { return without_service("setgid", id); }
HEAPMETER_EXPORT int seteuid(uid_t id) noexcept { return without_service("seteuid", id); }
HEAPMETER_EXPORT int setegid(gid_t id) noexcept { return without_service("setegid", id); }
HEAPMETER_EXPORT int setreuid(uid_t real, uid_t effective) noexcept {
  return without_service("setreuid", real, effective);
}
HEAPMETER_EXPORT int setregid(gid_t real, gid_t effective) noexcept {
  return without_service("setregid", real, effective);
}
HEAPMETER_EXPORT int setresuid(uid_t real, uid_t effective, uid_t saved) noexcept {
  return without_service("setresuid", real, effective, saved);
}
HEAPMETER_EXPORT int setresgid(gid_t real, gid_t effective, gid_t saved) noexcept {
  return without_service("setresgid", real, effective, saved);
}
HEAPMETER_EXPORT int setgroups(size_t count, const gid_t *groups) noexcept {
  return without_service("setgroups", count, groups);
}
HEAPMETER_EXPORT int initgroups(const char *user, gid_t group) noexcept {
  return without_service("initgroups", user, group);
}

}  // extern "C"
