// SPDX-License-Identifier: MIT
//
// Who the process is and what it may do. unshare and setns want a process of one thread; the set*id family
// reaches only threads that glibc knows, capset only its caller: the service makes way for the ones and
// follows the others.
#include <errno.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "override/real.h"
#include "override/with_service.h"

namespace {

using namespace heapmeter;
using Ids = Rights::Ids;

template <typename Function, typename... Arguments>
int changing(Ids ids, Function &real, Arguments... arguments) noexcept {
  const int result = real(arguments...);
  if (result == 0) service::follow_ids(ids, true);
  return result;
}

constinit Real<int(int)> real_unshare{"unshare"};
constinit Real<int(int, int)> real_setns{"setns"};
constinit Real<int(uid_t)> real_setuid{"setuid"}, real_seteuid{"seteuid"};
constinit Real<int(gid_t)> real_setgid{"setgid"}, real_setegid{"setegid"};
constinit Real<int(uid_t, uid_t)> real_setreuid{"setreuid"};
constinit Real<int(gid_t, gid_t)> real_setregid{"setregid"};
constinit Real<int(uid_t, uid_t, uid_t)> real_setresuid{"setresuid"};
constinit Real<int(gid_t, gid_t, gid_t)> real_setresgid{"setresgid"};

}  // namespace

extern "C" {

long syscall(long number, ...) noexcept;

HEAPMETER_EXPORT int capset(void *header, const void *data) noexcept {
  return static_cast<int>(syscall(SYS_capset, header, data, 0L, 0L, 0L, 0L));
}

HEAPMETER_EXPORT int unshare(int flags) noexcept {
  return with_service::alone([=] { return real_unshare(flags); });
}
HEAPMETER_EXPORT int setns(int fd, int type) noexcept {
  return with_service::alone([=] { return real_setns(fd, type); });
}

HEAPMETER_EXPORT int setuid(uid_t id) noexcept { return changing(Ids::kUsers, real_setuid, id); }
HEAPMETER_EXPORT int seteuid(uid_t id) noexcept { return changing(Ids::kUsers, real_seteuid, id); }
HEAPMETER_EXPORT int setreuid(uid_t real, uid_t effective) noexcept {
  return changing(Ids::kUsers, real_setreuid, real, effective);
}
HEAPMETER_EXPORT int setresuid(uid_t real, uid_t effective, uid_t saved) noexcept {
  return changing(Ids::kUsers, real_setresuid, real, effective, saved);
}
HEAPMETER_EXPORT int setgid(gid_t id) noexcept { return changing(Ids::kGroups, real_setgid, id); }
HEAPMETER_EXPORT int setegid(gid_t id) noexcept { return changing(Ids::kGroups, real_setegid, id); }
HEAPMETER_EXPORT int setregid(gid_t real, gid_t effective) noexcept {
  return changing(Ids::kGroups, real_setregid, real, effective);
}
HEAPMETER_EXPORT int setresgid(gid_t real, gid_t effective, gid_t saved) noexcept {
  return changing(Ids::kGroups, real_setresgid, real, effective, saved);
}

}  // extern "C"
