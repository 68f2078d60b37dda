/* SPDX-License-Identifier: MIT
 * Four threads make and release blocks, and check what they get: ends with 1 where one was refused a block,
 * with 2 where one could not begin, with 3 if both. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, TIMES = 20, BLOCKS = 200 };

static void *work(void *argument) {
  char *blocks[BLOCKS];
  void *refused = NULL;
  for (int time = 0; time < TIMES; ++time) {
    for (int i = 0; i < BLOCKS; ++i) {
      const size_t bytes = 100 + (size_t)i * 20;
      blocks[i] = malloc(bytes);
      if (blocks[i] == NULL) {
        refused = argument;
      } else {
        memset(blocks[i], time, bytes);
      }
    }
    for (int i = 0; i < BLOCKS; ++i) free(blocks[i]);
  }
  return refused;
}

int main(void) {
  pthread_t threads[THREADS];
  int begun = 0, refused = 0, short_of_threads = 0;
  for (int i = 0; i < THREADS; ++i) {
    if (pthread_create(&threads[begun], NULL, work, &begun) == 0) {
      ++begun;
    } else {
      short_of_threads = 1;
    }
  }
  for (int i = 0; i < begun; ++i) {
    void *result = NULL;
    pthread_join(threads[i], &result);
    if (result != NULL) refused = 1;
  }
  return refused + 2 * short_of_threads;
}
