/* SPDX-License-Identifier: MIT
 * 4,000 threads whose pthread-key destructors allocate in every round, the last one too, leave nothing
 * behind. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resident.h"

enum { kKeys = 4, kBytes = 20000 };
static pthread_key_t keys[kKeys];

static void destroy(void *key) {
  char *block = malloc(kBytes);
  memset(block, 1, kBytes);
  free(block);
  pthread_setspecific(*(pthread_key_t *)key, key);
}

static void *work(void *unused) {
  for (int i = 0; i < kKeys; ++i) pthread_setspecific(keys[i], &keys[i]);
  return unused;
}

int main(void) {
  for (int i = 0; i < kKeys; ++i) pthread_key_create(&keys[i], destroy);
  for (int i = 0; i < 4000; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
  }
  printf("left behind: %s\n", resident_mb() < 50 ? "nothing" : "much");
  return 0;
}
