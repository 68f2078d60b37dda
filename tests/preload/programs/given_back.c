/* SPDX-License-Identifier: MIT
 * given_back SIZE THREADS: 300 MB in blocks of that size, made by as many threads that end (or by none),
 * released by the first one, are the kernel's again within seconds, though no heap call follows. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resident.h"

static size_t size, count;
static void **blocks;

static void *fill(void *from) {
  for (size_t i = 0; i < count; ++i) {
    void **at = (void **)from + i;
    *at = malloc(size);
    memset(*at, 1, size);
  }
  return NULL;
}

int main(int argc, char **argv) {
  size = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
  const int threads = argc > 2 ? atoi(argv[2]) : 0, parts = threads == 0 ? 1 : threads;
  count = 300000000 / size / parts;
  blocks = malloc(count * parts * sizeof *blocks);
  if (threads == 0) fill(blocks);
  for (int i = 0; i < threads; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, fill, blocks + i * count);
    pthread_join(thread, NULL);
  }
  const int full = resident_mb() > 280;
  for (size_t i = 0; i < count * parts; ++i) free(blocks[i]);
  int tries = 50;
  while (resident_mb() > 100 && --tries > 0) usleep(100000);
  printf("held: %s, given back: %s\n", full ? "yes" : "no", tries > 0 ? "yes" : "no");
  return 0;
}
