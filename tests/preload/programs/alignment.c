/* SPDX-License-Identifier: MIT
 * Every power of two with sizes that are one, or thrice one, through every aligned call: the address, the
 * room, and the zeroes of calloc. Prints only what is wrong, then how many blocks it looked at. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long looked_at;

/* 1, 2, 3, 4, 6, 8, 12, 16, 24, ... */
static size_t after(size_t size) {
  const int thrice = size & (size - 1);
  return thrice ? size / 3 * 4 : size == 1 ? 2 : size / 2 * 3;
}

static void check(const char *call, char *p, size_t align, size_t size) {
  ++looked_at;
  if (p == NULL) printf("%s(%zu, %zu) failed\n", call, align, size);
  if ((uintptr_t)p % align != 0) printf("%s(%zu, %zu) is at %p\n", call, align, size, (void *)p);
  if (p != NULL && malloc_usable_size(p) < size) printf("%s(%zu, %zu) has no room\n", call, align, size);
  if (p != NULL && size < 100000) memset(p, 0xa5, size);
}

int main(void) {
  static char *blocks[64];
  for (size_t align = 8; align <= (size_t)1 << 22; align *= 2) {
    for (size_t size = 1; size <= (size_t)1 << 20; size = after(size)) {
      for (int i = 0; i < 60; i += 3) {
        void *p = NULL;
        check("memalign", blocks[i] = memalign(align, size), align, size);
        check("aligned_alloc", blocks[i + 1] = aligned_alloc(align, size), align, size);
        if (posix_memalign(&p, align, size) != 0) p = NULL;
        check("posix_memalign", blocks[i + 2] = p, align, size);
        if (align > 65536 || size > 65536) {
          for (int k = i; k < i + 3; ++k) free(blocks[k]), blocks[k] = NULL;
        }
      }
      for (int i = 0; i < 60; ++i) free(blocks[i]), blocks[i] = NULL;
    }
  }
  for (size_t size = 0; size < 5000; ++size) {
    char *p = malloc(size), *q = calloc(1, size), *r = realloc(malloc(1), size + 1);
    check("malloc", p, 16, size);
    for (size_t i = 0; i < size; ++i) {
      if (q[i] != 0) printf("calloc(%zu) is not zero\n", size), i = size;
    }
    check("calloc", q, 16, size);
    check("realloc", r, 16, size + 1);
    free(p), free(q), free(r);
  }
  check("valloc", valloc(10), 4096, 10);
  check("pvalloc", pvalloc(10), 4096, 4096);
  printf("%ld blocks\n", looked_at);
  return 0;
}
