/* SPDX-License-Identifier: MIT
 * ten_thousand_threads joined|detached|tiny|more: that many threads come, allocate and go, sixteen at a time;
 * tiny ones have stacks of 16 KiB; more are 66,000, one at a time. */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kAtOnce = 16 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int done;

static void *work(void *number) {
  const size_t bytes = 1 + (size_t)number % 3000;
  char *block = memset(malloc(bytes), 'x', bytes);
  block = realloc(block, 2 * bytes);
  const int good = block[bytes - 1] == 'x';
  free(block);
  pthread_mutex_lock(&lock);
  done += good;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
  return NULL;
}

int main(int argc, char **argv) {
  const int joined = argc < 2 || strcmp(argv[1], "detached") != 0;
  const int more = argc > 1 && strcmp(argv[1], "more") == 0;
  const size_t count = more ? 66000 : 10000, at_once = more ? 1 : kAtOnce;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (argc > 1 && strcmp(argv[1], "tiny") == 0) pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
  if (!joined) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t threads[kAtOnce];
  for (size_t i = 0; i < count; i += at_once) {
    for (size_t j = 0; j < at_once; ++j) {
      if (pthread_create(&threads[j], &attributes, work, (void *)(i + j)) != 0) return 1;
    }
    for (size_t j = 0; joined && j < at_once; ++j) pthread_join(threads[j], NULL);
    pthread_mutex_lock(&lock);
    while (done < (int)(i + at_once)) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
  }
  printf("%d threads\n", done);
  return 0;
}
