/* SPDX-License-Identifier: MIT
 * given_back SIZE THREADS [idle] [elsewhere]: 300 MB in blocks of that size, made by as many threads that end
 * or stay idle (or by none), released by the first one or elsewhere, by one that makes nothing itself, are
 * the kernel's again within seconds, though no heap call follows. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resident.h"

static size_t size, count, parts;
static void **blocks;
static int idle, made;

static void *fill(void *from) {
  for (size_t i = 0; i < count; ++i) {
    void **at = (void **)from + i;
    *at = malloc(size);
    memset(*at, 1, size);
  }
  __atomic_add_fetch(&made, 1, __ATOMIC_SEQ_CST);
  while (idle) pause();
  return NULL;
}

static void *release_all(void *unused) {
  for (size_t i = 0; i < count * parts; ++i) free(blocks[i]);
  return unused;
}

int main(int argc, char **argv) {
  size = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
  const int threads = argc > 2 ? atoi(argv[2]) : 0;
  idle = argc > 3 && strcmp(argv[3], "idle") == 0;
  parts = threads == 0 ? 1 : threads;
  count = 300000000 / size / parts;
  blocks = malloc(count * parts * sizeof *blocks);
  if (threads == 0) fill(blocks);
  for (int i = 0; i < threads; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, fill, blocks + i * count);
    while (__atomic_load_n(&made, __ATOMIC_SEQ_CST) <= i) usleep(1000);
    if (!idle) pthread_join(thread, NULL);
  }
  const int full = resident_mb() > 280;
  pthread_t thread;
  if (strcmp(argv[argc - 1], "elsewhere") != 0) {
    release_all(NULL);
  } else if (pthread_create(&thread, NULL, release_all, NULL) == 0) {
    pthread_join(thread, NULL);
  }
  int tries = 50;
  while (resident_mb() > 100 && --tries > 0) usleep(100000);
  printf("held: %s, given back: %s\n", full ? "yes" : "no", tries > 0 ? "yes" : "no");
  if (tries == 0) fprintf(stderr, "%ld MB\n", resident_mb());
  return 0;
}
