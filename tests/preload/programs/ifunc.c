/* SPDX-License-Identifier: MIT
 * Allocates and frees inside an IFUNC resolver, which runs while the program is still being relocated: before
 * thread-local storage has its initial values. Two blocks are resized and freed only later, in main. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *kept, *listed;

static int plain(void) { return 42; }

static int lacking(void) { return -1; }

static int (*resolve(void))(void) {
  free(malloc(100));
  char *grown = realloc(malloc(10), 5000);
  memset(grown, 'x', 5000);
  free(grown);
  kept = calloc(1, 300);
  listed = strcpy(malloc(300), "listed");
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
  listed = reallocarray(listed, 2, 300);
  if (strcmp(listed, "listed") != 0) return 1;
  free(listed);
  free(malloc(1000));
  return 0;
}
