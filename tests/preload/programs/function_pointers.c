/* SPDX-License-Identifier: MIT
 * Takes the addresses of the calls, as python3 does: built without PIE, the program then has entries of its
 * own named malloc and free, which must not be taken for an allocator of its own. */
#include <stdio.h>
#include <stdlib.h>

static void *(*const volatile allocate)(size_t) = malloc;
static void *(*const volatile allocate_zeroed)(size_t, size_t) = calloc;
static void *(*const volatile resize)(void *, size_t) = realloc;
static void (*const volatile release)(void *) = free;

int main(void) {
  for (int i = 0; i < 1000; ++i) {
    char *block = resize(allocate((size_t)i), (size_t)i * 2 + 1);
    char *zeroed = allocate_zeroed(3, (size_t)i + 1);
    if (zeroed[i] != 0) return 1;
    release(block);
    release(zeroed);
  }
  puts("a thousand times");
  return 0;
}
