/* SPDX-License-Identifier: MIT
 * A meter may take little from a thread: smallest stacks still start, nearly all pthread keys are still
 * there. */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *work(void *unused) {
  for (int i = 0; i < 100; ++i) free(malloc((size_t)i * 50));
  return unused;
}

int main(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, work, NULL);
  if (error == 0) pthread_join(thread, NULL);
  printf("a thread with a stack of %d bytes: %s\n", (int)PTHREAD_STACK_MIN, error == 0 ? "ran" : "failed");
  pthread_key_t key;
  int keys = 0;
  while (pthread_key_create(&key, free) == 0 && pthread_setspecific(key, malloc(16)) == 0) ++keys;
  printf("%s\n", keys >= PTHREAD_KEYS_MAX - 8 ? "all keys but a few" : "keys are missing");
  if (pthread_create(&thread, NULL, work, NULL) != 0) return 1;
  return pthread_join(thread, NULL);
}
