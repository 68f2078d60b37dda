// SPDX-License-Identifier: MIT
//
// dlopen with RTLD_DEEPBIND would bind a plugin's malloc to libc's and its free to ours, or the other way
// round. The flag is dropped; the jump must be a tail call, for libc's dlopen looks at its caller for
// RUNPATH.
//
// dlclose takes away code of which call stacks told; other code may come to lie at the same addresses.
//
// mlockall would make the whole ledger resident.
#include <dlfcn.h>
#include <errno.h>

#include "base/compiler.h"
#include "base/search_order.h"
#include "sites/sites.h"
#include "tracking/locked_memory.h"

namespace {

using Dlopen = void *(*)(const char *, int);
using Dlclose = int (*)(void *);
using Dlmopen = void *(*)(Lmid_t, const char *, int);
constinit Dlopen real_dlopen = nullptr;

}  // namespace

extern "C" {

HEAPMETER_EXPORT int mlockall(int flags) noexcept {
  const long answer = heapmeter::locked_memory::lock_all(flags);
  if (answer == 0) return 0;
  errno = static_cast<int>(-answer);
  return -1;
}

HEAPMETER_EXPORT void *dlopen(const char *file, int mode) noexcept {
  if (real_dlopen == nullptr)
    real_dlopen = reinterpret_cast<Dlopen>(heapmeter::search_order::behind("dlopen"));
  return real_dlopen(file, mode & ~RTLD_DEEPBIND);
}

HEAPMETER_EXPORT void *dlmopen(Lmid_t where, const char *file, int mode) noexcept {
  static constinit Dlmopen real = nullptr;
  if (real == nullptr) real = reinterpret_cast<Dlmopen>(heapmeter::search_order::behind("dlmopen"));
  // Another namespace has a libc and a malloc of its own; there the flag does no harm.
  return real(where, file, where == LM_ID_BASE ? mode & ~RTLD_DEEPBIND : mode);
}

HEAPMETER_EXPORT int dlclose(void *handle) noexcept {
  static constinit Dlclose real = nullptr;
  if (real == nullptr) real = reinterpret_cast<Dlclose>(heapmeter::search_order::behind("dlclose"));
  heapmeter::sites::the_sites.code_goes();
  const int answer = real(handle);
  heapmeter::sites::the_sites.code_went();
  return answer;
}

}  // extern "C"
