// SPDX-License-Identifier: MIT
//
// dlopen with RTLD_DEEPBIND would bind a plugin's malloc to libc's and its free to ours, or the other way
// round. The flag is dropped; the jump must be a tail call, for libc's dlopen looks at its caller for
// RUNPATH.
//
// A sandbox set up by prctl or a bare system call (seccomp has no function in libc) would meet system calls
// of the service that it does not expect: the service goes first, for good.
//
// mlockall would make the whole ledger resident.
//
// A thread that leaves by the bare exit system call may have been the last but the service.
//
// unshare and setns want a single-threaded process; the set*id family reaches only threads that glibc knows;
// capset, landlock and some of prctl only the caller: the service thread makes way, and starts again with
// what the caller has then.
#include "override/libc.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "service/thread.h"
#include "tracking/locked_memory.h"

namespace {

using Dlopen = void *(*)(const char *, int);
using Dlmopen = void *(*)(Lmid_t, const char *, int);
constinit Dlopen real_dlopen = nullptr;

// With the service thread out of the way; errno is the call's own.
template <typename Call>
auto alone(Call call) noexcept {
  heapmeter::service::pause();
  const auto result = call();
  const int saved_errno = errno;
  heapmeter::service::resume();
  errno = saved_errno;
  return result;
}

// libc's function of that name, likewise.
template <typename... Arguments>
int without_service(const char *name, Arguments... arguments) noexcept {
  auto *real = reinterpret_cast<int (*)(Arguments...)>(dlsym(RTLD_NEXT, name));
  if (real == nullptr) {
    errno = ENOSYS;
    return -1;
  }
  return alone([=] { return real(arguments...); });
}

using Syscall = long (*)(long, long, long, long, long, long, long);
constinit Syscall real_syscall = nullptr;
using Prctl = int (*)(int, unsigned long, unsigned long, unsigned long, unsigned long);
constinit Prctl real_prctl = nullptr;

// A service that stays behind with rights which the program's main thread has given up would be a way back to
// them. What another thread gives up, the rest of the program keeps.
bool gives_up_rights(long call, long first) noexcept {
  const bool gives_up = call == SYS_capset || call == SYS_landlock_restrict_self ||
                        (call == SYS_prctl && (first == PR_SET_NO_NEW_PRIVS || first == PR_CAPBSET_DROP ||
                                               first == PR_CAP_AMBIENT || first == PR_SET_SECUREBITS));
  return gives_up && heapmeter::sys::tid() == heapmeter::sys::pid();
}

bool sets_up_sandbox(long call, long first) noexcept {
  return (call == SYS_prctl && first == PR_SET_SECCOMP) ||
         (call == SYS_seccomp && (first == SECCOMP_SET_MODE_STRICT || first == SECCOMP_SET_MODE_FILTER));
}

// The service goes before, and the report learns after what it may still do. `mode` as prctl has it.
template <typename Call>
auto into_sandbox(Call call, unsigned long mode, const void *filter) noexcept {
  heapmeter::service::retire();
  const auto result = call();
  if (result >= 0)
    heapmeter::sandbox::entered(mode == SECCOMP_MODE_FILTER ? static_cast<const sock_fprog *>(filter)
                                                            : nullptr);
  return result;
}

}  // namespace

namespace heapmeter::override_libc {

void resolve() noexcept {
  real_syscall = reinterpret_cast<Syscall>(dlsym(RTLD_NEXT, "syscall"));
  real_prctl = reinterpret_cast<Prctl>(dlsym(RTLD_NEXT, "prctl"));
}

}  // namespace heapmeter::override_libc

extern "C" {

HEAPMETER_EXPORT int mlockall(int flags) noexcept {
  const long answer = heapmeter::locked_memory::lock_all(flags);
  if (answer == 0) return 0;
  errno = static_cast<int>(-answer);
  return -1;
}

// Variadic in libc's headers, which are therefore not included here: all arguments are passed on as
// registers.
HEAPMETER_EXPORT long syscall(long call, long a, long b, long c, long d, long e, long f) noexcept {
  if (HEAPMETER_UNLIKELY(real_syscall == nullptr)) heapmeter::override_libc::resolve();
  if (HEAPMETER_UNLIKELY(sets_up_sandbox(call, a))) {
    const bool by_prctl = call == SYS_prctl;
    const auto mode = static_cast<unsigned long>(by_prctl                       ? b
                                                 : a == SECCOMP_SET_MODE_FILTER ? SECCOMP_MODE_FILTER
                                                                                : SECCOMP_MODE_STRICT);
    return into_sandbox([=] { return real_syscall(call, a, b, c, d, e, f); }, mode,
                        reinterpret_cast<const void *>(c));
  }
  if (HEAPMETER_UNLIKELY(call == SYS_mlockall)) return mlockall(static_cast<int>(a));
  if (HEAPMETER_UNLIKELY(call == SYS_exit)) heapmeter::service::thread_leaves();
  const bool wants_one_thread = call == SYS_unshare || call == SYS_setns;
  if (HEAPMETER_LIKELY(!wants_one_thread && !gives_up_rights(call, a)))
    return real_syscall(call, a, b, c, d, e, f);
  return alone([=] { return real_syscall(call, a, b, c, d, e, f); });
}

HEAPMETER_EXPORT int prctl(int option, unsigned long a, unsigned long b, unsigned long c,
                           unsigned long d) noexcept {
  if (HEAPMETER_UNLIKELY(real_prctl == nullptr)) heapmeter::override_libc::resolve();
  if (HEAPMETER_UNLIKELY(option == PR_SET_SECCOMP))
    return into_sandbox([=] { return real_prctl(option, a, b, c, d); }, a, reinterpret_cast<const void *>(b));
  if (HEAPMETER_LIKELY(!gives_up_rights(SYS_prctl, option))) return real_prctl(option, a, b, c, d);
  return alone([=] { return real_prctl(option, a, b, c, d); });
}

HEAPMETER_EXPORT void *dlopen(const char *file, int mode) noexcept {
  if (real_dlopen == nullptr) real_dlopen = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return real_dlopen(file, mode & ~RTLD_DEEPBIND);
}

HEAPMETER_EXPORT void *dlmopen(Lmid_t where, const char *file, int mode) noexcept {
  static constinit Dlmopen real = nullptr;
  if (real == nullptr) real = reinterpret_cast<Dlmopen>(dlsym(RTLD_NEXT, "dlmopen"));
  // Another namespace has a libc and a malloc of its own; there the flag does no harm.
  return real(where, file, where == LM_ID_BASE ? mode & ~RTLD_DEEPBIND : mode);
}

HEAPMETER_EXPORT int capset(void *header, const void *data) noexcept {
  return static_cast<int>(
      syscall(SYS_capset, reinterpret_cast<long>(header), reinterpret_cast<long>(data), 0, 0, 0, 0));
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
