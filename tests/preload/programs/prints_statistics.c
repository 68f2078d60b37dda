/* SPDX-License-Identifier: MIT
 * Asks for malloc's statistics in the middle of its life. */
#include <malloc.h>
#include <stdlib.h>

int main(void) {
  void *block = malloc(54321);
  malloc_stats();
  free(block);
  return 0;
}
