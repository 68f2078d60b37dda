/* SPDX-License-Identifier: MIT
 * Large zeroed blocks stay unresident until they are written to, and are zero. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resident.h"

int main(void) {
  const size_t huge = (size_t)8 << 30, large = 8 << 20;
  const long before = resident_mb();
  char *block = calloc(huge / 1000 + 1, 1000);
  int wrong = 0;
  for (size_t i = 0; block != NULL && i < huge; i += huge / 16) wrong += block[i] != 0;
  char *blocks[20];
  for (int i = 0; i < 20; ++i) {
    blocks[i] = calloc(1, large);
    wrong += blocks[i][large - 1] != 0;
  }
  printf("given: %d, not zero: %d, resident: %s\n", block != NULL, wrong,
         resident_mb() - before < 16 ? "no" : "yes");
  for (int i = 0; i < 20; ++i) {
    memset(blocks[i], 1, large);
    free(blocks[i]);
  }
  free(block);
  for (int i = 0; i < 20; ++i) {
    blocks[i] = calloc(1, large - i * 4096);
    for (size_t at = 0; at < large / 2; at += 4096) wrong += blocks[i][at] != 0;
    free(blocks[i]);
  }
  printf("zero when reused: %s\n", wrong == 0 ? "yes" : "no");
  return 0;
}
