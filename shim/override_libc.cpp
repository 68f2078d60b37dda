// SPDX-License-Identifier: MIT
//
// dlopen with RTLD_DEEPBIND would bind a plugin's malloc to libc's and its free to ours, or the other way
// round. The flag is dropped; the jump must be a tail call, for libc's dlopen looks at its caller for
// RUNPATH.
#include "override_libc.h"

#include <dlfcn.h>

#include "compiler.h"

namespace {
using Dlopen = void *(*)(const char *, int);
constinit Dlopen real_dlopen = nullptr;
}  // namespace

namespace heapmeter::override_libc {

void resolve() noexcept {
  if (real_dlopen == nullptr) real_dlopen = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
}

}  // namespace heapmeter::override_libc

extern "C" HEAPMETER_EXPORT void *dlopen(const char *file, int mode) noexcept {
  if (HEAPMETER_UNLIKELY(real_dlopen == nullptr)) heapmeter::override_libc::resolve();
  return real_dlopen(file, mode & ~RTLD_DEEPBIND);
}
