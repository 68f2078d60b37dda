/* SPDX-License-Identifier: MIT
 * forks_while_asking CHILDREN: forks so many, one after the other, while a thread asks again and again
 * whether there are seccomp filters. Each child allocates and ends. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int done;

static void *ask(void *unused) {
  while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) unshare(0);
  return unused;
}

int main(int argc, char **argv) {
  const int children = argc > 1 ? atoi(argv[1]) : 1;
  int well = 0;
  pthread_t thread;
  if (pthread_create(&thread, NULL, ask, NULL) != 0) return 1;
  for (int i = 0; i < children && well == i; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      void *volatile block = malloc(1000);
      free(block);
      _exit(0);
    }
    int status = 1;
    for (int ms = 0; waitpid(child, &status, ms < 40000 ? WNOHANG : 0) == 0; ++ms) {
      usleep(1000);
      if (ms == 39999) kill(child, SIGKILL);
    }
    well += status == 0;
  }
  __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
  pthread_join(thread, NULL);
  printf("%d children ended well\n", well);
  return 0;
}
