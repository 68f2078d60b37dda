/* SPDX-License-Identifier: MIT
 * onlookers COUNT: that many times eight threads that ask for no block, with stacks so large that libc keeps
 * but one: each that ends frees what libc had for the one before it. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { kEach = 8 };
static sem_t come[kEach], go[kEach];
static pid_t tids[kEach];

static void *look_on(void *given) {
  const size_t place = (size_t)given;
  tids[place] = gettid();
  sem_post(&come[place]);
  while (sem_wait(&go[place]) != 0) {
  }
  return NULL;
}

int main(int argc, char **argv) {
  pthread_attr_t large;
  pthread_attr_init(&large);
  pthread_attr_setstacksize(&large, 64UL << 20);
  pthread_attr_setdetachstate(&large, PTHREAD_CREATE_DETACHED);
  for (long left = argc > 1 ? atol(argv[1]) : 1; left > 0; --left) {
    for (size_t i = 0; i < kEach; ++i) {
      pthread_t thread;
      sem_init(&come[i], 0, 0);
      sem_init(&go[i], 0, 0);
      if (pthread_create(&thread, &large, look_on, (void *)i) != 0) return 1;
      while (sem_wait(&come[i]) != 0) {
      }
    }
    for (size_t i = 0; i < kEach; ++i) {
      sem_post(&go[i]);
      while (tgkill(getpid(), tids[i], 0) == 0) sched_yield();
    }
  }
  return 0;
}
