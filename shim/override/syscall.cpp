// SPDX-License-Identifier: MIT
//
// The two doors to the kernel that are for every call: syscall and prctl. What comes this way counts like
// what has a function of its own in libc: rights, namespaces and sandboxes, of which seccomp has no function
// at all.
//
// A thread that leaves by the bare exit system call may have been the last but the service.
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/compiler.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "override/alternate_stack.h"
#include "override/copies.h"
#include "override/exec.h"
#include "override/leaving.h"
#include "override/limits.h"
#include "override/real.h"
#include "override/syscall.h"
#include "override/with_service.h"

namespace {

using namespace heapmeter;
using Ids = Rights::Ids;

constinit Real<long(long, long, long, long, long, long, long)> real_syscall{"syscall"};
constinit Real<int(int, unsigned long, unsigned long, unsigned long, unsigned long)> real_prctl{"prctl"};

// A service that stays behind with rights which the program's main thread has given up would be a way back to
// them. What another thread gives up, the rest of the program keeps.
bool by_main_thread() noexcept { return sys::tid() == sys::pid(); }

bool gives_up_rights(long option) noexcept {
  return option == PR_SET_NO_NEW_PRIVS || option == PR_CAPBSET_DROP || option == PR_CAP_AMBIENT ||
         option == PR_SET_SECUREBITS;
}

template <typename Call>
auto alone_in_main_thread(Call call) noexcept {
  return by_main_thread() ? with_service::alone(call) : call();
}

template <typename Call>
auto changing(Ids ids, Call call) noexcept {
  const auto result = call();
  if (result == 0) service::follow_ids(ids, false);
  return result;
}

// A vfork child forbids them itself, not that of whose memory this is.
template <typename Call>
long forbidding_itself_files(Call call) noexcept {
  const bool borrowed = service::memory_is_borrowed();
  const long result = alone_in_main_thread(call);
  if (result == 0 && !borrowed) sandbox::forbade_itself_files();
  return result;
}

const void *filter_of(bool filtered, unsigned long filter) noexcept {
  return filtered ? reinterpret_cast<const void *>(filter) : nullptr;
}

// Without a filter at its address it is a question what the kernel has, and always refused.
template <typename Call>
auto known_prctl(long option, unsigned long mode, unsigned long filter, Call call) noexcept {
  if (gives_up_rights(option)) return alone_in_main_thread(call);
  const bool sandbox = mode == SECCOMP_MODE_STRICT || (mode == SECCOMP_MODE_FILTER && filter != 0);
  if (option != PR_SET_SECCOMP || !sandbox) return call();
  return with_service::before_sandbox(call, filter_of(mode == SECCOMP_MODE_FILTER, filter),
                                      [](auto result) { return result == 0; });
}

template <typename Call>
long known_seccomp(long operation, unsigned long flags, unsigned long filter, Call call) noexcept {
  const bool sandbox =
      operation == SECCOMP_SET_MODE_STRICT || (operation == SECCOMP_SET_MODE_FILTER && filter != 0);
  if (!sandbox) return call();
  const void *code = filter_of(operation == SECCOMP_SET_MODE_FILTER, filter);
  return with_service::before_sandbox(call, code, [=](long result) {
    // Another answer than 0 is a descriptor, or a thread that cannot follow.
    return result == 0 || (result > 0 && (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0);
  });
}

template <typename Call>
long changing_handlers_stack(const void *stack, Call call) noexcept {
  const long result = call();
  if (result == 0) override_alternate_stack::note(stack);
  return result;
}

template <typename Call>
HEAPMETER_NOINLINE long known_execveat(int folder, const char *path, Call call) noexcept {
  const override_exec::Located located(folder, path);
  return override_exec::leaving(located.path(), call);
}

template <typename Call>
long known_syscall(long number, long a, unsigned long b, unsigned long c, Call call) noexcept {
  switch (number) {
    case SYS_setuid:
    case SYS_setreuid:
    case SYS_setresuid:
      return changing(Ids::kUsers, call);
    case SYS_setgid:
    case SYS_setregid:
    case SYS_setresgid:
      return changing(Ids::kGroups, call);
    case SYS_capset:
      return alone_in_main_thread(call);
    case SYS_landlock_restrict_self:
      return forbidding_itself_files(call);
    case SYS_prctl:
      return known_prctl(a, b, c, call);
    case SYS_seccomp:
      return known_seccomp(a, b, c, call);
    case SYS_unshare:
    case SYS_setns:
      return with_service::alone(call);
    case SYS_setrlimit:
    case SYS_prlimit64:
      return limits::changing(number == SYS_setrlimit ? a : static_cast<long>(b), call);
    case SYS_execve:
      return override_exec::leaving(reinterpret_cast<const char *>(a), call);
    case SYS_execveat:
      return known_execveat(static_cast<int>(a), reinterpret_cast<const char *>(b), call);
    case SYS_clone:
      return copies::made(call, [=] { return static_cast<uint64_t>(a); });
    case SYS_clone3:
      return copies::made(call, [=] { return *reinterpret_cast<const uint64_t *>(a); });
#ifdef SYS_fork
    case SYS_fork:
      return copies::made(call, [] { return uint64_t{0}; });
#endif
    case SYS_sigaltstack:
      return changing_handlers_stack(reinterpret_cast<const void *>(a), call);
    case SYS_exit:
      service::thread_leaves();
      return call();
    default:
      return call();
  }
}

}  // namespace

namespace heapmeter::override_syscall {

void resolve() noexcept {
  search_order::find_behind({real_syscall.sought(), real_prctl.sought(), override_leaving::exit()});
}

}  // namespace heapmeter::override_syscall

extern "C" {

// Variadic in libc's headers, which are therefore not included here: all arguments are passed on as
// registers.
HEAPMETER_EXPORT long syscall(long number, long a, long b, long c, long d, long e, long f) noexcept {
  if (HEAPMETER_UNLIKELY(number == SYS_mlockall)) return mlockall(static_cast<int>(a));
  return known_syscall(number, a, static_cast<unsigned long>(b), static_cast<unsigned long>(c),
                       [=] { return real_syscall(number, a, b, c, d, e, f); });
}

HEAPMETER_EXPORT int prctl(int option, unsigned long a, unsigned long b, unsigned long c,
                           unsigned long d) noexcept {
  return known_prctl(option, a, b, [=] { return real_prctl(option, a, b, c, d); });
}

}  // extern "C"
