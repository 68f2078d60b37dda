/* SPDX-License-Identifier: MIT
 * Blocks of libc's own malloc, reached behind the meter's back, are freed and resized through the front. */
#define _GNU_SOURCE
#include <malloc.h>

#include "delta.h"

typedef void *(*allocate)(size_t);

int main(void) {
  delta_start();
  void *symbol = dlsym(dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), "malloc");
  allocate libc_malloc;
  memcpy(&libc_malloc, &symbol, sizeof symbol);
  char *volatile warm = malloc(1);
  free(warm);
  char *p = libc_malloc(100), *q = libc_malloc(200), *r = libc_malloc(300000);
  memset(q, 'q', 200);
  STEP("free", free(p));
  STEP("free of a mapped one", free(r));
  printf("usable size is enough: %d\n", malloc_usable_size(q) >= 200);
  q = realloc(q, 4000);
  printf("contents kept: %d\n", q[0] == 'q' && q[199] == 'q');
  free(q);
  fflush(stdout);
  return 0;
}
