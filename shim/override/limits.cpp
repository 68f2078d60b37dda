// SPDX-License-Identifier: MIT
//
// The limit of processes: it counts our thread, which goes where few are allowed, and comes when there are
// more. That of memory: what the allocator begins with comes before it.
#include <asm/resource.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "override/real.h"
#include "service/thread.h"
#include "tracking/first_touch.h"

namespace {

using namespace heapmeter;

constinit Real<int(int, const void *)> real_setrlimit{"setrlimit"};
constinit Real<int(pid_t, int, const void *, void *)> real_prlimit{"prlimit"};

}  // namespace

// libc's headers are not included: on 64 bits its limits have one size and two names, and to them these are
// one.
extern "C" {

HEAPMETER_EXPORT int setrlimit(int resource, const void *limit) noexcept {
  if (resource != RLIMIT_NPROC) first_touch::make();
  const int result = real_setrlimit(resource, limit);
  if (result == 0 && resource == RLIMIT_NPROC) service::task_limit_changed();
  return result;
}
HEAPMETER_EXPORT int setrlimit64(int resource, const void *limit) noexcept {
  return setrlimit(resource, limit);
}

HEAPMETER_EXPORT int prlimit(pid_t process, int resource, const void *limit, void *old) noexcept {
  if (resource != RLIMIT_NPROC && limit != nullptr) first_touch::make();
  const int result = real_prlimit(process, resource, limit, old);
  if (result == 0 && resource == RLIMIT_NPROC && limit != nullptr) service::task_limit_changed();
  return result;
}
HEAPMETER_EXPORT int prlimit64(pid_t process, int resource, const void *limit, void *old) noexcept {
  return prlimit(process, resource, limit, old);
}

}  // extern "C"
