/* SPDX-License-Identifier: MIT
 * Threads whose pthread-key destructors allocate and free, in every round, after everybody else's: nothing
 * may be lost. 200 threads, 40 keys (beyond 32 glibc itself frees after the last destructor). */
#include <pthread.h>

#include "delta.h"

enum { kKeys = 40, kThreads = 200 };
static pthread_key_t keys[kKeys];
static _Atomic long made, freed;

static void destroy(void *block) {
  long *countdown = block;
  pthread_key_t key = keys[countdown[1]];
  const long left = countdown[0], index = countdown[1];
  free(block);
  ++freed;
  if (left == 0) return;
  long *again = malloc(64);
  ++made;
  again[0] = left - 1, again[1] = index;
  pthread_setspecific(key, again);
}

static void *work(void *unused) {
  for (long i = 0; i < kKeys; ++i) {
    long *block = malloc(64);
    ++made;
    block[0] = i % 4, block[1] = i;
    pthread_setspecific(keys[i], block);
  }
  return unused;
}

int main(void) {
  delta_start();
  for (int i = 0; i < kKeys; ++i) pthread_key_create(&keys[i], destroy);
  const heapmeter_snapshot before = reading();
  for (int i = 0; i < kThreads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0) return 1;
    pthread_join(thread, NULL);
  }
  const heapmeter_snapshot after = reading();
  printf("made %ld freed %ld\n", made, freed);
  if (read_process) {
    /* what glibc calloced for the threads themselves aside, everything is malloc's */
    printf("by malloc %ld\n", (long)(after.allocations_by_kind[0] - before.allocations_by_kind[0]));
    const long kept = (long)(after.live_blocks - before.live_blocks);
    printf("kept by glibc: %s\n", kept >= 0 && kept <= 3 ? "a few" : "too much");
    if (kept < 0 || kept > 3) printf("%ld blocks\n", kept);
  }
  fflush(stdout);
  return 0;
}
