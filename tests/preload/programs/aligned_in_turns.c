/* SPDX-License-Identifier: MIT
 * Aligned blocks of many sizes, made and released again and again, need no more addresses and no more memory
 * than at first. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "resident.h"

static void turn(void) {
  for (size_t alignment = 1 << 12; alignment <= 32 << 20; alignment *= 2) {
    for (size_t bytes = 1 << 16; bytes <= 32 << 20; bytes = bytes * 5 / 4) {
      char *block = memalign(alignment, bytes);
      if (block == NULL) continue;
      block[0] = 1;
      free(block);
    }
  }
}

int main(void) {
  for (int i = 0; i < 3; ++i) turn();
  const long resident = resident_mb(), mapped = mapped_mb();
  for (int i = 0; i < 60; ++i) turn();
  printf("more memory: %s, more addresses: %s\n", resident_mb() > resident + 1 ? "yes" : "no",
         mapped_mb() > mapped + 64 ? "yes" : "no");
  return 0;
}
