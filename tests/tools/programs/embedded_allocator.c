// SPDX-License-Identifier: MIT
// As a program with jemalloc linked in under a prefix: no other file sees it, a debugger does.
#include <stddef.h>
#include <stdio.h>

static char arena[1000];

__attribute__((noinline)) void *_rjem_malloc(size_t size) { return size <= sizeof arena ? arena : NULL; }

int main(void) { return printf("%d\n", _rjem_malloc(10) != NULL) == 2 ? 0 : 1; }
