/* SPDX-License-Identifier: MIT
 * Four threads fork five times each while the others fork and allocate; every child allocates, in a thread
 * of its own too, and ends by exit. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *allocate(void *seed) {
  char *blocks[50] = {0};
  for (size_t i = 0; i < 1000; ++i) {
    const size_t place = (i * 31 + (size_t)seed) % 50, bytes = i * 17 % 3000 + 1;
    free(blocks[place]);
    blocks[place] = memset(malloc(bytes), 'f', bytes);
  }
  for (int i = 0; i < 50; ++i) free(blocks[i]);
  return NULL;
}

static void *fork_often(void *seed) {
  long good = 0;
  for (int i = 0; i < 5; ++i) {
    allocate(seed);
    const pid_t child = fork();
    if (child == 0) {
      pthread_t thread;
      alarm(50);
      allocate(seed);
      if (pthread_create(&thread, NULL, allocate, seed) != 0) _exit(1);
      pthread_join(thread, NULL);
      exit(0);
    }
    int status = 1;
    good += waitpid(child, &status, 0) == child && status == 0;
  }
  return (void *)good;
}

int main(void) {
  pthread_t threads[4];
  long good = 0;
  for (size_t i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, fork_often, (void *)i);
  for (size_t i = 0; i < 4; ++i) {
    void *result;
    pthread_join(threads[i], &result);
    good += (long)result;
  }
  printf("%ld children ended well\n", good);
  return 0;
}
