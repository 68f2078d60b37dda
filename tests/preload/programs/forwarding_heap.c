// SPDX-License-Identifier: MIT
//
// A malloc family, or a part of it, that counts the calls and passes them on: by RTLD_NEXT, by a version of
// it, by libc's own handle, by glibc's internal names, or by the linker's --wrap. Linked into a program, or a
// library to be preloaded. With FORWARDING_SAYS in the environment it tells at the end what was called.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kMalloc, kFree, kCalloc, kRealloc, kAligned, kCalls };
static long calls[kCalls];

#if defined(BY_LIBC)
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t), __libc_free(void *);
#define REAL(name, ...) __libc_##name(__VA_ARGS__)
#define NOT_YET(bytes)
static int is_early(const void *block) { return block == NULL; }
#elif defined(BY_WRAP)
// With the linker's --wrap: these definitions are the wrappers.
extern void *__real_malloc(size_t), *__real_calloc(size_t, size_t), *__real_realloc(void *, size_t);
extern void *__real_memalign(size_t, size_t), __real_free(void *);
#define malloc __wrap_malloc
#define free __wrap_free
#define calloc __wrap_calloc
#define realloc __wrap_realloc
#define memalign __wrap_memalign
#define aligned_alloc __wrap_aligned_alloc
#define posix_memalign __wrap_posix_memalign
#define REAL(name, ...) __real_##name(__VA_ARGS__)
#define NOT_YET(bytes)
static int is_early(const void *block) { return block == NULL; }
#else
// What the look-up itself allocates.
static char early[1 << 16];
static size_t early_used;
static int looking;
static int is_early(const void *block) {
  return (const char *)block - early < (ptrdiff_t)sizeof early && (const char *)block >= early;
}
static void *take_early(size_t bytes) {
  void *block = early + early_used;
  early_used += (bytes + 15) & ~(size_t)15;
  return early_used <= sizeof early ? block : NULL;
}
#define NOT_YET(bytes) \
  if (looking) return take_early(bytes)

static void *find(const char *name) {
  looking = 1;
#if defined(BY_VERSION)
  void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.2.5");
#elif defined(BY_HANDLE)
  void *found = dlsym(dlopen("libc.so.6", RTLD_LAZY), name);
#else
  void *found = dlsym(RTLD_NEXT, name);
#endif
  looking = 0;
  return found;
}
#define REAL(name, ...)                                      \
  ({                                                         \
    static __typeof__(&name) real;                           \
    if (real == NULL) real = (__typeof__(&name))find(#name); \
    real(__VA_ARGS__);                                       \
  })
#endif

#if !defined(ONLY) || ONLY == 0
void *malloc(size_t bytes) {
  NOT_YET(bytes);
  ++calls[kMalloc];
  return REAL(malloc, bytes);
}
#endif
#if !defined(ONLY) || ONLY == 1
void free(void *block) {
  if (is_early(block)) return;
  ++calls[kFree];
  REAL(free, block);
}
#endif
#if !defined(WITHOUT_CALLOC) && (!defined(ONLY) || ONLY == 2)
void *calloc(size_t count, size_t bytes) {
  NOT_YET(count * bytes);
  ++calls[kCalloc];
  return REAL(calloc, count, bytes);
}
#endif
#if !defined(ONLY) || ONLY == 3
void *realloc(void *block, size_t bytes) {
  ++calls[kRealloc];
  return REAL(realloc, block, bytes);
}
#endif
#if !defined(WITHOUT_ALIGNED) && (!defined(ONLY) || ONLY == 4)
void *memalign(size_t alignment, size_t bytes) {
  ++calls[kAligned];
  return REAL(memalign, alignment, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  ++calls[kAligned];
  return REAL(memalign, alignment, bytes);
}
int posix_memalign(void **block, size_t alignment, size_t bytes) {
  ++calls[kAligned];
  void *fresh = REAL(memalign, alignment, bytes);
  if (fresh != NULL) *block = fresh;
  return fresh == NULL ? ENOMEM : 0;
}
#endif

__attribute__((destructor)) static void say(void) {
  if (getenv("FORWARDING_SAYS") == NULL) return;
  char line[200];
  const int length =
      snprintf(line, sizeof line, "passed on: malloc %ld free %ld calloc %ld realloc %ld aligned %ld\n",
               calls[kMalloc], calls[kFree], calls[kCalloc], calls[kRealloc], calls[kAligned]);
  if (write(2, line, (size_t)length) != length) abort();
}
