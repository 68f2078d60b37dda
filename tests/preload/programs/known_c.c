/* SPDX-License-Identifier: MIT
 * Every C call that allocates or frees, with sizes nobody else uses. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>

#include "delta.h"

static void *p, *q;
static size_t huge = PTRDIFF_MAX;

int main(void) {
  delta_start();
  STEP("malloc", p = malloc(1001));
  STEP("free", free(p));
  STEP("malloc(0)", p = malloc(0));
  STEP("free of 0 bytes", free(p));
  STEP("free(NULL)", free(NULL));
  STEP("calloc", p = calloc(7, 143));
  STEP("realloc grow", p = realloc(p, 5003));
  STEP("realloc shrink", p = realloc(p, 77));
  STEP("realloc same", p = realloc(p, 77));
  STEP("realloc large", p = realloc(p, 3000001));
  STEP("realloc(p, 0)", p = realloc(p, 0));
  STEP("realloc(NULL)", p = realloc(NULL, 1003));
  STEP("reallocarray", p = reallocarray(p, 11, 101));
  STEP("reallocarray overflow", q = reallocarray(p, huge, 3));
  STEP("free", free(p));
  STEP("reallocarray(NULL)", p = reallocarray(NULL, 13, 17));
  STEP("free", free(p));
  STEP("memalign", p = memalign(64, 1009));
  STEP("realloc of aligned", p = realloc(p, 2011));
  STEP("free", free(p));
  STEP("aligned_alloc", p = aligned_alloc(256, 512));
  STEP("free", free(p));
  STEP("posix_memalign", posix_memalign(&p, 4096, 1013));
  STEP("free", free(p));
  STEP("posix_memalign bad alignment", posix_memalign(&p, 24, 8));
  STEP("valloc", p = valloc(1019));
  STEP("free", free(p));
  STEP("pvalloc", p = pvalloc(5000));
  STEP("free", free(p));
  STEP("malloc too large", p = malloc(huge + 1));
  STEP("calloc overflow", p = calloc(huge, 3));
  errno = 77;
  STEP("posix_memalign too large", posix_memalign(&p, 64, huge));
  if (read_process) printf("errno is %d\n", errno);
  STEP("malloc 20 MB", p = malloc(20000003));
  STEP("malloc_usable_size", malloc_usable_size(p));
  STEP("failed realloc keeps the block", q = realloc(p, huge + 1));
  STEP("free 20 MB", free(p));
  STEP("malloc_trim", malloc_trim(0));
  STEP("strdup", p = strdup("seventeen letters"));
  STEP("free", free(p));
  fflush(stdout);
  return 0;
}
