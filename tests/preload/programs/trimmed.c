/* SPDX-License-Identifier: MIT
 * malloc_trim gives back what a thread that ended has left free between two blocks in use. */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resident.h"

enum { kBlocks = 560, kBytes = 50000 };
static void *blocks[kBlocks];

static void *fill(void *unused) {
  for (int i = 0; i < kBlocks; ++i) memset(blocks[i] = malloc(kBytes), 1, kBytes);
  return unused;
}

int main(void) {
  const long before = resident_mb();
  pthread_t thread;
  pthread_create(&thread, NULL, fill, NULL);
  pthread_join(thread, NULL);
  printf("held: %s\n", resident_mb() - before >= 25 ? "yes" : "no");
  for (int i = 0; i < kBlocks; ++i) {
    if (i != kBlocks / 2) free(blocks[i]);
  }
  const int some = malloc_trim(0);
  const long left = resident_mb() - before;
  printf("given back: %d, all: %s\n", some, left < 4 ? "yes" : "no");
  if (left >= 4) fprintf(stderr, "%ld MB\n", left);
  free(blocks[kBlocks / 2]);
  return 0;
}
