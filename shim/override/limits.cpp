// SPDX-License-Identifier: MIT
#include "override/limits.h"

#include <sys/types.h>

#include "base/compiler.h"
#include "override/real.h"

namespace {

using namespace heapmeter;

constinit Real<int(int, const void *)> real_setrlimit{"setrlimit"};
constinit Real<int(pid_t, int, const void *, void *)> real_prlimit{"prlimit"};

}  // namespace

// libc's headers are not included: on 64 bits its limits have one size and two names, and to them these are
// one.
extern "C" {

HEAPMETER_EXPORT int setrlimit(int resource, const void *limit) noexcept {
  return limits::changing(resource, [=] { return real_setrlimit(resource, limit); });
}
HEAPMETER_EXPORT int setrlimit64(int resource, const void *limit) noexcept {
  return setrlimit(resource, limit);
}

// Of another process, too: then nothing has changed here.
HEAPMETER_EXPORT int prlimit(pid_t process, int resource, const void *limit, void *old) noexcept {
  const auto call = [=] { return real_prlimit(process, resource, limit, old); };
  return limit == nullptr ? call() : limits::changing(resource, call);
}
HEAPMETER_EXPORT int prlimit64(pid_t process, int resource, const void *limit, void *old) noexcept {
  return prlimit(process, resource, limit, old);
}

}  // extern "C"
