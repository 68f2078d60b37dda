/* SPDX-License-Identifier: MIT
 * fork_under_fire [TIMES]: forks 100 times while three threads allocate without pause; each child allocates,
 * starts a thread and ends.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int stop;

static void *allocate(void *rounds) {
  void *blocks[64] = {0};
  for (unsigned i = 0; rounds == NULL ? !stop : i < 2000; ++i) {
    void **place = &blocks[i * 7919 % 64];
    free(*place);
    *place = malloc(i * 31 % 3000);
  }
  for (int i = 0; i < 64; ++i) free(blocks[i]);
  return NULL;
}

int main(int argc, char **argv) {
  const int times = argc > 1 ? atoi(argv[1]) : 100;
  pthread_t threads[3], one;
  int rounds = 1, good = 0;
  for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, allocate, NULL);
  for (int i = 0; i < times; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      allocate(&rounds);
      if (pthread_create(&one, NULL, allocate, &rounds) != 0) _exit(1);
      pthread_join(one, NULL);
      exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) == child && status == 0) ++good;
  }
  stop = 1;
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  printf("%d children ended well\n", good);
  return 0;
}
