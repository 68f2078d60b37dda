// SPDX-License-Identifier: MIT
// Asks whether jemalloc is there, as deno and folly do; it is not, and nothing of it is called.
#include <stddef.h>
#include <stdio.h>

__attribute__((weak)) void sdallocx(void *block, size_t size, int flags);

int main(void) { return sdallocx == NULL ? puts("none") < 0 : 1; }
