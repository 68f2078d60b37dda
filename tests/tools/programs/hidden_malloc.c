// SPDX-License-Identifier: MIT
// A malloc that only this file's own calls reach: libraries go on with libc's.
#include <stddef.h>
#include <stdio.h>

static char arena[1000];

__attribute__((visibility("hidden"), noinline)) void *malloc(size_t size) {
  return size <= sizeof arena ? arena : NULL;
}

int main(void) { return printf("%d\n", malloc(10) != NULL) == 2 ? 0 : 1; }
