/* SPDX-License-Identifier: MIT
 *
 * forwarding_allocator [stay]: exports a malloc that passes every call on to the next one, as a program that
 * watches its own calls does; then makes 100 blocks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

#include "wait.h"

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

void *malloc(size_t bytes) {
  static void *(*real)(size_t);
  if (real == NULL) real = __extension__(void *(*)(size_t)) next("malloc");
  return real(bytes);
}
void free(void *block) {
  static void (*real)(void *);
  if (real == NULL) real = __extension__(void (*)(void *)) next("free");
  real(block);
}
void *realloc(void *block, size_t bytes) {
  static void *(*real)(void *, size_t);
  if (real == NULL) real = __extension__(void *(*)(void *, size_t)) next("realloc");
  return real(block, bytes);
}

int main(int argc, char **argv) {
  (void)argv;
  for (int i = 0; i < 100; ++i)
    if (malloc(1000) == NULL) return 1;
  if (argc > 1) wait_for_the_test();
  return 0;
}
