// SPDX-License-Identifier: MIT
//
// One of the twenty operators new and delete, ONLY of them, to be preloaded: counts its calls, and passes
// them on to the next of that name.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long calls;

template <typename Function>
static Function *next(Function *&found, const char *name) {
  __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
  if (found == nullptr) found = reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
  return found;
}

#define OPERATOR(result, name, parameters, arguments) \
  extern "C" result name parameters {                 \
    static result(*found) parameters;                 \
    return next(found, #name) arguments;              \
  }

using Tag = const void *;
#if ONLY == 0
OPERATOR(void *, _Znwm, (size_t n), (n))
#elif ONLY == 1
OPERATOR(void *, _Znam, (size_t n), (n))
#elif ONLY == 2
OPERATOR(void *, _ZnwmRKSt9nothrow_t, (size_t n, Tag t), (n, t))
#elif ONLY == 3
OPERATOR(void *, _ZnamRKSt9nothrow_t, (size_t n, Tag t), (n, t))
#elif ONLY == 4
OPERATOR(void *, _ZnwmSt11align_val_t, (size_t n, size_t a), (n, a))
#elif ONLY == 5
OPERATOR(void *, _ZnamSt11align_val_t, (size_t n, size_t a), (n, a))
#elif ONLY == 6
OPERATOR(void *, _ZnwmSt11align_val_tRKSt9nothrow_t, (size_t n, size_t a, Tag t), (n, a, t))
#elif ONLY == 7
OPERATOR(void *, _ZnamSt11align_val_tRKSt9nothrow_t, (size_t n, size_t a, Tag t), (n, a, t))
#elif ONLY == 8
OPERATOR(void, _ZdlPv, (void *p), (p))
#elif ONLY == 9
OPERATOR(void, _ZdaPv, (void *p), (p))
#elif ONLY == 10
OPERATOR(void, _ZdlPvm, (void *p, size_t n), (p, n))
#elif ONLY == 11
OPERATOR(void, _ZdaPvm, (void *p, size_t n), (p, n))
#elif ONLY == 12
OPERATOR(void, _ZdlPvRKSt9nothrow_t, (void *p, Tag t), (p, t))
#elif ONLY == 13
OPERATOR(void, _ZdaPvRKSt9nothrow_t, (void *p, Tag t), (p, t))
#elif ONLY == 14
OPERATOR(void, _ZdlPvSt11align_val_t, (void *p, size_t a), (p, a))
#elif ONLY == 15
OPERATOR(void, _ZdaPvSt11align_val_t, (void *p, size_t a), (p, a))
#elif ONLY == 16
OPERATOR(void, _ZdlPvmSt11align_val_t, (void *p, size_t n, size_t a), (p, n, a))
#elif ONLY == 17
OPERATOR(void, _ZdaPvmSt11align_val_t, (void *p, size_t n, size_t a), (p, n, a))
#elif ONLY == 18
OPERATOR(void, _ZdlPvSt11align_val_tRKSt9nothrow_t, (void *p, size_t a, Tag t), (p, a, t))
#elif ONLY == 19
OPERATOR(void, _ZdaPvSt11align_val_tRKSt9nothrow_t, (void *p, size_t a, Tag t), (p, a, t))
#endif

__attribute__((destructor)) static void say() {
  char line[20];
  const int length = snprintf(line, sizeof line, "%d:%ld ", ONLY, calls);
  if (write(1, line, static_cast<size_t>(length)) != length) abort();
}
