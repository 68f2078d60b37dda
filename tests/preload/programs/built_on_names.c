/* SPDX-License-Identifier: MIT
 * Parts of a malloc family that are built on its other parts by their names: calloc and realloc on malloc and
 * free, malloc on calloc, realloc or memalign, free on realloc, memalign on its kin …; or realloc on itself,
 * and on libc's by its internal name; or with a scratch block amid a call, which it gets within or by name. A
 * library to be preloaded. With AMID a signal comes while a block is resized. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t bytes), *__libc_realloc(void *block, size_t bytes),
    __libc_free(void *block);
extern void *__libc_memalign(size_t alignment, size_t bytes);

#if defined(ON_CALLOC)
void *malloc(size_t bytes) { return calloc(1, bytes); }
#elif defined(ON_REALLOC)
void *malloc(size_t bytes) { return realloc(NULL, bytes); }
#elif defined(ON_MEMALIGN)
void *malloc(size_t bytes) { return memalign(16, bytes); }
#elif defined(FREE_ON_REALLOC)
void free(void *block) {
  if (block != NULL) realloc(block, 0);
}
void *realloc(void *block, size_t bytes) { return __libc_realloc(block, bytes); }
void *malloc(size_t bytes) { return realloc(NULL, bytes); }
#elif defined(FREE_ON_CFREE)
extern void cfree(void *block);
void free(void *block) { cfree(block); }
void cfree(void *block) { __libc_free(block); }
#elif defined(FREE_ON_DELETE)
extern void _ZdlPv(void *block);
void free(void *block) { _ZdlPv(block); }
void _ZdlPv(void *block) { __libc_free(block); }
#elif defined(ON_ALIGNED_ALLOC)
void *memalign(size_t alignment, size_t bytes) { return aligned_alloc(alignment, bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { return __libc_memalign(alignment, bytes); }
#elif defined(ON_POSIX_MEMALIGN)
void *memalign(size_t alignment, size_t bytes) {
  void *block;
  return posix_memalign(&block, alignment, bytes) == 0 ? block : NULL;
}
int posix_memalign(void **block, size_t alignment, size_t bytes) {
  return (*block = __libc_memalign(alignment, bytes)) == NULL ? ENOMEM : 0;
}
#elif defined(ON_REALLOCARRAY)
void *realloc(void *block, size_t bytes) { return reallocarray(block, 1, bytes); }
void *reallocarray(void *block, size_t count, size_t bytes) { return __libc_realloc(block, count * bytes); }
#elif defined(SCRATCH_OF_LIBC)
/* Released and resized for it by libc's code, at addresses where the program's blocks have been. */
#if defined(BY_DELETE)
extern void _ZdlPv(void *block);
/* Optimised, it goes on there by a jump. */
void _ZdlPv(void *block) { free(block); }
#define free_of_process _ZdlPv
#else
#define free_of_process free
#endif
static int within;
static void by_libc(void *block) {
  int (*process_free)(const void *, const void *);
  void (*named)(void *) = free_of_process;
  memcpy(&process_free, &named, sizeof named);
  bsearch(block, "", 1, 1, process_free);
}
/* From another function than malloc, or the compiler would call malloc directly. */
#if defined(MEANWHILE)
/* Amid the first blocks of comes_again, where none has been, until all of these have gone. */
static void use_scratch(void) {
  static void *kept;
  static int calls;
  if (++calls == 2000) kept = memset(malloc(48), 'x', 48);
  if (calls == 4500) by_libc(kept);
}
#else
static void use_scratch(void) {
  for (size_t bytes = 24; bytes < 70000; bytes *= 7) by_libc(memset(malloc(bytes), 'x', bytes));
}
#endif
void *malloc(size_t bytes) {
  if (within++ == 0) use_scratch();
  void *block = __libc_malloc(bytes);
  --within;
  return block;
}
void free(void *block) { __libc_free(block); }
#elif defined(NEW_ARRAY)
/* Whose operators are not malloc and free, in scratch blocks of its own. */
extern void *_Znam(size_t bytes);
extern void _ZdaPv(void *block);
extern void _ZSt17__throw_bad_allocv(void) __attribute__((weak));
void *_Znwm(size_t bytes) {
  size_t *block = __libc_malloc(bytes + 32);
  if (block == NULL) _ZSt17__throw_bad_allocv();
  block[0] = 0x1234;
  return block + 4;
}
void _ZdlPv(void *block) {
  if (block == NULL) return;
  size_t *start = (size_t *)block - 4;
  if (start[0] != 0x1234) abort();
  __libc_free(start);
}
static int within;
void *malloc(size_t bytes) {
  if (within++ == 0) _ZdaPv(_Znam(40));
  void *block = __libc_malloc(bytes);
  --within;
  return block;
}
#elif defined(ON_LIBCS_REALLOCARRAY)
void *calloc(size_t count, size_t bytes) {
  void *block = reallocarray(NULL, count, bytes);
  return block == NULL ? NULL : memset(block, 0, count * bytes);
}
#elif defined(ONLY_REALLOCARRAY)
/* As libbsd does, no allocator. */
void *reallocarray(void *block, size_t count, size_t bytes) { return realloc(block, count * bytes); }
#elif defined(SCRATCH)
/* From itself, which the compiler calls directly, and by name. One thread at a time allocates; storage of
 * each thread's own would make libc's own blocks larger. */
static int within;
static void use_scratch(void) {
  void *const scratch[] = {__libc_malloc(48), malloc(64), realloc(NULL, 80), memalign(64, 96)};
  for (int i = 0; i < 4; ++i) free(memset(scratch[i], 'x', 48));
}
void *malloc(size_t bytes) {
  if (within++ == 0) {
    free(malloc(64));
    use_scratch();
  }
  void *block = __libc_malloc(bytes);
  --within;
  return block;
}
void *memalign(size_t alignment, size_t bytes) {
  if (within++ == 0) use_scratch();
  void *block = __libc_memalign(alignment, bytes);
  --within;
  return block;
}
void *realloc(void *block, size_t bytes) {
  if (within++ == 0) use_scratch();
  block = __libc_realloc(block, bytes);
  --within;
  return block;
}
void free(void *block) {
  if (within++ == 0) use_scratch();
  __libc_free(block);
  --within;
}
#elif defined(KEPT)
/* Across its calls, and released at its end. */
static void *kept;
void *malloc(size_t bytes) {
  if (bytes == 800 || kept == NULL) {
    free(kept);
    kept = calloc(1, 640);
  }
  return __libc_malloc(bytes);
}
__attribute__((destructor)) static void end(void) { free(kept); }
#elif defined(ON_ITSELF)
void *realloc(void *block, size_t bytes) {
  const size_t whole = (bytes + 63) / 64 * 64;
  return whole > bytes ? realloc(block, whole) : __libc_realloc(block, bytes);
}
#else
void *calloc(size_t count, size_t bytes) {
  size_t all;
  if (__builtin_mul_overflow(count, bytes, &all)) return errno = ENOMEM, NULL;
  void *block = malloc(all);
  return block == NULL ? NULL : memset(block, 0, all);
}
void *realloc(void *block, size_t bytes) {
  if (block == NULL) return malloc(bytes);
  void *fresh = malloc(bytes);
  if (fresh == NULL) return NULL;
  const size_t held = malloc_usable_size(block);
  memcpy(fresh, block, held < bytes ? held : bytes);
#if defined(AMID)
  raise(SIGURG);
#endif
  free(block);
  return fresh;
}
#endif
