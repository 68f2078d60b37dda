/* SPDX-License-Identifier: MIT
 *
 * own_allocator [stay]: brings a malloc of its own and exports it, as programs with a linked-in jemalloc do.
 */
#include <stddef.h>

#include "wait.h"

static char arena[1 << 20];
static size_t used;

void *malloc(size_t bytes) {
  char *block = arena + used;
  used += (bytes + 15) & ~(size_t)15;
  return used <= sizeof arena ? block : NULL;
}
void free(void *block) { (void)block; }
void *calloc(size_t count, size_t bytes) { return malloc(count * bytes); }
void *realloc(void *block, size_t bytes) {
  (void)block;
  return malloc(bytes);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) wait_for_the_test();
  return malloc(100) == NULL;
}
