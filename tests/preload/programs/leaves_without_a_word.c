/* SPDX-License-Identifier: MIT
 * leaves_without_a_word barely|late|vfork COUNT: that many threads, one after the other, each of which leaves
 * by the bare exit system call, or asks for its first block in the last round of the destructors of its keys.
 * With `vfork` there is one more beside them, whose first block was asked for by its vfork child. */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile block;
static pthread_key_t key;

static void ask_in_last_round(void *round) {
  if ((uintptr_t)round < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(key, (char *)round + 1);
  } else {
    block = malloc(1000);
  }
}

static void *leave_late(void *unused) {
  pthread_setspecific(key, (void *)1);
  return unused;
}

static void *leave_barely(void *unused) {
  block = malloc(1000);
  syscall(SYS_exit, 0);
  return unused;
}

static volatile int has_vforked = 0;

static void *vfork_and_stay(void *unused) {
  const pid_t child = vfork();
  if (child == 0) {
    block = malloc(1000);
    _exit(0);
  }
  has_vforked = waitpid(child, NULL, 0) == child;
  pause();
  return unused;
}

int main(int argc, char **argv) {
  const int late = argc > 1 && strcmp(argv[1], "late") == 0;
  const long count = argc > 2 ? atol(argv[2]) : 1;
  if (pthread_key_create(&key, ask_in_last_round) != 0) return 1;
  if (argc > 1 && strcmp(argv[1], "vfork") == 0) {
    pthread_t beside;
    if (pthread_create(&beside, NULL, vfork_and_stay, NULL) != 0) return 2;
    while (!has_vforked) sched_yield();
  }
  for (long i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, late ? leave_late : leave_barely, NULL) != 0) return 2;
    pthread_join(thread, NULL);
  }
  return 0;
}
