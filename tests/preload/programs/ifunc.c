/* SPDX-License-Identifier: MIT
 * Allocates and frees inside an IFUNC resolver, which runs while the program is still being relocated: before
 * thread-local storage has its initial values. One block is freed only later, in main. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *kept;

static int plain(void) { return 42; }

static int lacking(void) { return -1; }

static int (*resolve(void))(void) {
  free(malloc(100));
  char *grown = realloc(malloc(10), 5000);
  memset(grown, 'x', 5000);
  free(grown);
  kept = calloc(1, 300);
  // As much as a library may need that reads its tables this early.
  for (size_t i = 0; i < 20; ++i) {
    char *block = malloc(i == 7 ? 1000000 : 13000);
    if (block == NULL) return lacking;
    block[12999] = 'x';
  }
  return plain;
}
int chosen(void) __attribute__((ifunc("resolve")));

int main(void) {
  printf("%d %d\n", chosen(), kept[299]);
  kept = realloc(kept, 600);
  free(kept);
  free(malloc(1000));
  return 0;
}
