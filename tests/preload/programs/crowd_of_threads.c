/* SPDX-License-Identifier: MIT
 * 1,000 threads that all live at once, each holding a block of 1,000 bytes; then all go. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { kThreads = 1000 };
static pthread_barrier_t all_there;

static void *work(void *unused) {
  char *block = calloc(1, 1000);
  pthread_barrier_wait(&all_there);
  free(block);
  return unused;
}

int main(void) {
  static pthread_t threads[kThreads];
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  pthread_barrier_init(&all_there, NULL, kThreads);
  int joined = 0;
  for (int i = 0; i < kThreads; ++i) {
    if (pthread_create(&threads[i], &attributes, work, NULL) != 0) return 1;
  }
  for (int i = 0; i < kThreads; ++i) joined += pthread_join(threads[i], NULL) == 0;
  printf("%d threads\n", joined);
  return 0;
}
