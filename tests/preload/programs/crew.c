/* SPDX-License-Identifier: MIT
 * Threads with names: "one" to "three" hold 10, 20 and 30 blocks of 2003 bytes until the end, two more did as
 * much as "one" and "two" and ended; then "ready", until SIGTERM. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t all_there, the_end;
static const char *const names[] = {"one", "two", "three"};

struct duty {
  int number, stays;
};

static void *work(void *argument) {
  const struct duty *duty = argument;
  void *blocks[30];
  pthread_setname_np(pthread_self(), names[duty->number]);
  for (int i = 0; i < 10 * (duty->number + 1); ++i) blocks[i] = malloc(2003);
  if (duty->stays) {
    pthread_barrier_wait(&all_there);
    pthread_barrier_wait(&the_end);
  }
  for (int i = 0; i < 10 * (duty->number + 1); ++i) free(blocks[i]);
  return NULL;
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pthread_barrier_init(&all_there, NULL, 4);
  pthread_barrier_init(&the_end, NULL, 4);
  pthread_t threads[5];
  struct duty duties[5] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {2, 1}};
  for (int i = 0; i < 5; ++i) {
    if (pthread_create(&threads[i], NULL, work, &duties[i]) != 0) return 1;
    if (!duties[i].stays) pthread_join(threads[i], NULL);
  }
  pthread_barrier_wait(&all_there);
  if (write(1, "ready\n", 6) != 6) return 1;
  int number;
  sigwait(&set, &number);
  pthread_barrier_wait(&the_end);
  for (int i = 2; i < 5; ++i) pthread_join(threads[i], NULL);
  return 0;
}
