/* SPDX-License-Identifier: MIT
 * Forbids core dumps of itself and looks at its /proc by others (PR_SET_DUMPABLE), when everything is up;
 * nothing of that changes in it or in a child; then "ready", until SIGTERM. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

int main(void) {
  char *block = malloc(54321);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  printf("dumpable: %d", dumpable());
  usleep(150000);
  const int result = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  usleep(50000);
  printf(", set: %d, dumpable: %d", result, dumpable());
  fflush(stdout);
  int status = -1, number;
  const pid_t child = fork();
  if (child == 0) {
    usleep(100000);
    free(malloc(1000));
    exit(dumpable());
  }
  waitpid(child, &status, 0);
  printf(", in a child: %d\nready\n", WEXITSTATUS(status));
  fflush(stdout);
  sigwait(&set, &number);
  free(block);
  return 0;
}
