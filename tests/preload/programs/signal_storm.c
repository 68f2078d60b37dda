/* SPDX-License-Identifier: MIT
 * Two timers send a signal every 200 microseconds, to a handler that only counts, while two threads allocate;
 * now and then a handler leaves by siglongjmp, between two calls of malloc's caller. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static _Atomic long signals;
static sigjmp_buf back;

static void count(int number) {
  (void)number;
  ++signals;
}
static void jump(int number) { siglongjmp(back, number); }

static void *allocate(void *unused) {
  char *blocks[64] = {0};
  volatile long bad = 0, jumps = 0;
  for (volatile size_t i = 0; i < 60000; ++i) {
    const size_t bytes = i * 13 % 5000 + 1, place = i % 64;
    if (blocks[place] != NULL && *blocks[place] != (char)place) ++bad;
    blocks[place] = realloc(blocks[place], bytes);
    memset(blocks[place], (int)place, bytes);
    if (unused != NULL || i % 100 != 0) continue;
    if (sigsetjmp(back, 1) == 0) raise(SIGUSR2);
    ++jumps;
  }
  for (int i = 0; i < 64; ++i) free(blocks[i]);
  if (jumps != (unused == NULL ? 600 : 0)) ++bad;
  return (void *)bad;
}

int main(void) {
  struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
  const struct itimerval often = {{0, 200}, {0, 200}};
  const struct itimerspec as_often = {{0, 200000}, {0, 200000}};
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  timer_t timer;
  pthread_t thread;
  void *bad;
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  action.sa_handler = jump;
  sigaction(SIGUSR2, &action, NULL);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return 1;
  timer_settime(timer, 0, &as_often, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  pthread_create(&thread, NULL, allocate, &timer);
  const long own = (long)allocate(NULL);
  pthread_join(thread, &bad);
  timer_delete(timer);
  printf("bad: %ld, signals: %s\n", own + (long)bad, signals > 20 ? "many" : "few");
  return 0;
}
