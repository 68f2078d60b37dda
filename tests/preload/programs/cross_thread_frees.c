/* SPDX-License-Identifier: MIT
 * Every block is made by one thread and freed, or grown and freed, by another; the makers are gone by half of
 * that. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kPairs = 4, kBlocks = 10000 };
struct pair {
  char **blocks;
  _Atomic int made;
  int bad;
};

static void *make(void *argument) {
  struct pair *pair = argument;
  for (int i = 0; i < kBlocks; ++i) {
    const size_t bytes = 1 + (size_t)i * 37 % 3000;
    pair->blocks[i] = memset(malloc(bytes), i % 100, bytes);
    pair->made = i + 1;
  }
  return NULL;
}

static void *release(void *argument) {
  struct pair *pair = argument;
  for (int i = 0; i < kBlocks; ++i) {
    while (pair->made <= i) {
      sched_yield();
    }
    char *block = pair->blocks[i];
    pair->bad += block[0] != i % 100;
    if (i % 5 == 0) block = realloc(block, 4000);
    free(block);
  }
  return NULL;
}

int main(void) {
  struct pair pairs[kPairs] = {0};
  pthread_t makers[kPairs], releasers[kPairs];
  int bad = 0;
  for (int i = 0; i < kPairs; ++i) {
    pairs[i].blocks = malloc(kBlocks * sizeof(char *));
    pthread_create(&makers[i], NULL, make, &pairs[i]);
    if (i % 2 == 0) pthread_join(makers[i], NULL);
    pthread_create(&releasers[i], NULL, release, &pairs[i]);
  }
  for (int i = 0; i < kPairs; ++i) {
    if (i % 2 != 0) pthread_join(makers[i], NULL);
    pthread_join(releasers[i], NULL);
    free(pairs[i].blocks);
    bad += pairs[i].bad;
  }
  printf("%d of %d blocks are wrong\n", bad, kPairs * kBlocks);
  return 0;
}
