/* SPDX-License-Identifier: MIT
 * What glibc promises and a replacement must keep: results and errno of good and bad requests. The unmetered
 * run of this program is the oracle, so it prints nothing that may differ between two correct allocators. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static volatile size_t most = PTRDIFF_MAX, all = SIZE_MAX;
static int status;

static void show(const char *call, void *result) {
  const int error = errno;
  printf("%s: %s errno %d status %d\n", call, result ? "block" : "null", error, status);
  fflush(stdout);
  errno = 7777;
  status = 0;
}

#define SHOW(...) (errno = 7777, show(#__VA_ARGS__, (__VA_ARGS__)))
static void *by_posix(void *p, size_t align, size_t size) {
  status = posix_memalign(&p, align, size);
  return p;
}
static void *freed(void *p) {
  free(p);
  return NULL;
}

int main(void) {
  SHOW(malloc(0));
  SHOW(malloc(most));
  SHOW(malloc(most + 1));
  SHOW(malloc(all));
  SHOW(calloc(0, 0));
  SHOW(calloc(most, 2));
  SHOW(calloc(most, 3));
  SHOW(calloc(all, all));
  SHOW(realloc(NULL, 0));
  SHOW(realloc(malloc(9), 0));
  SHOW(realloc(malloc(9), most + 1));
  SHOW(realloc(NULL, all));
  SHOW(reallocarray(NULL, most, 3));
  SHOW(reallocarray(malloc(9), most, 3));
  SHOW(reallocarray(malloc(9), 0, 3));
  SHOW(reallocarray(NULL, 0, 3));
  SHOW(memalign(24, 8));
  SHOW(memalign(0, 8));
  SHOW(memalign(1, 8));
  SHOW(memalign(64, most));
  SHOW(memalign(most + 2, 8));
  SHOW(memalign(all, 8));
  SHOW(memalign(4096, 0));
  SHOW(aligned_alloc(3, 8));
  SHOW(aligned_alloc(0, 8));
  SHOW(aligned_alloc(64, 100));
  SHOW(aligned_alloc(64, all));
  SHOW(by_posix(NULL, 0, 8));
  SHOW(by_posix(NULL, 4, 8));
  SHOW(by_posix(NULL, 24, 8));
  SHOW(by_posix(NULL, 8, 8));
  SHOW(by_posix(NULL, 64, 0));
  SHOW(by_posix(NULL, 64, most));
  SHOW(by_posix(NULL, 64, all));
  SHOW(by_posix(&status, 24, 8)); /* a bad alignment leaves the pointer alone */
  SHOW(by_posix(&status, 64, all));
  SHOW(valloc(0));
  SHOW(valloc(all));
  SHOW(pvalloc(0));
  SHOW(pvalloc(1));
  SHOW(pvalloc(most));
  SHOW(pvalloc(all));
  SHOW(freed(malloc(300000000)));
  SHOW(freed(malloc(1)));
  SHOW(freed(NULL));
  printf("usable size of null: %zu\n", malloc_usable_size(NULL));
  return 0;
}
