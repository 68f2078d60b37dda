/* SPDX-License-Identifier: MIT
 * A library whose constructor allocates, and whose destructor frees what others kept. Linked to its host, or
 * preloaded before the meter, its constructor runs before or after the meter's. */
#include <stdlib.h>
#include <string.h>

static char *blocks[100];

__attribute__((constructor)) static void construct(void) {
  for (int i = 0; i < 100; ++i) blocks[i] = memset(malloc((size_t)i * 70 + 1), i, (size_t)i * 70 + 1);
  for (int i = 0; i < 100; i += 2) blocks[i] = realloc(blocks[i], (size_t)i * 140 + 1);
}

int constructor_library_whole(void) {
  int whole = 0;
  for (int i = 0; i < 100; ++i) whole += blocks[i] != NULL && blocks[i][i * 70] == i;
  return whole;
}

__attribute__((destructor)) static void destruct(void) {
  for (int i = 0; i < 100; ++i) free(blocks[i]);
}
