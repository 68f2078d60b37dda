/* SPDX-License-Identifier: MIT
 * Parts of a malloc family that are built on its other parts by their names: calloc and realloc on malloc and
 * free, or malloc on calloc, realloc or memalign; or realloc on itself, and on libc's by its internal name. A
 * library to be preloaded. With AMID a signal comes while a block is resized. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#if defined(ON_CALLOC)
void *malloc(size_t bytes) { return calloc(1, bytes); }
#elif defined(ON_REALLOC)
void *malloc(size_t bytes) { return realloc(NULL, bytes); }
#elif defined(ON_MEMALIGN)
void *malloc(size_t bytes) { return memalign(16, bytes); }
#elif defined(ON_ITSELF)
extern void *__libc_realloc(void *block, size_t bytes);
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
