/* SPDX-License-Identifier: MIT
 * 40 MB in blocks come, go, and come again where they have been. */
#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 4000, BYTES = 10000 };

int main(void) {
  static void *blocks[COUNT];
  for (int wave = 0; wave < 2; ++wave) {
    for (int i = 0; i < COUNT; ++i) blocks[i] = malloc(BYTES);
    for (int i = 0; i < COUNT; ++i) free(blocks[i]);
  }
  return puts("gone") < 0;
}
