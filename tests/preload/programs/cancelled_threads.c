/* SPDX-License-Identifier: MIT
 * cancelled_threads deferred|asynchronous: 100 threads cancelled where they are, with blocks that their
 * clean-up handlers and a key's destructor free. Asynchronous ones compute: allocating would not be allowed.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int asynchronous;
static pthread_key_t key;
static _Atomic int cleaned;

static void clean(void *block) {
  free(block);
  ++cleaned;
}

static void *work(void *unused) {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
  void *block = malloc(2000);
  pthread_setspecific(key, malloc(100));
  pthread_cleanup_push(clean, block);
  if (asynchronous) pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
  for (volatile unsigned i = 0;; ++i) {
    if (asynchronous) continue;
    free(malloc(i % 5000));
    if (i % 64 == 0) usleep(1);
  }
  pthread_cleanup_pop(1);
  return unused;
}

int main(int argc, char **argv) {
  asynchronous = argc > 1 && strcmp(argv[1], "asynchronous") == 0;
  pthread_key_create(&key, clean);
  int joined = 0;
  for (int i = 0; i < 25; ++i) {
    pthread_t threads[4];
    for (int j = 0; j < 4; ++j) pthread_create(&threads[j], NULL, work, NULL);
    for (int j = 0; j < 4; ++j) pthread_cancel(threads[j]);
    for (int j = 0; j < 4; ++j) joined += pthread_join(threads[j], NULL) == 0;
  }
  printf("joined %d, cleaned %d\n", joined, cleaned);
  return 0;
}
