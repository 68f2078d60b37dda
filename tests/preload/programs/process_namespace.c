/* SPDX-License-Identifier: MIT
 * Its child is process 1 of a namespace, where pids mean something else, and has children itself. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

int main(void) {
  usleep(100000);
  if (unshare(CLONE_NEWPID) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) {
    free(malloc(1000));
    usleep(100000);
    const pid_t grandchild = fork();
    if (grandchild == 0) exit(getppid() == 1 ? 5 : 0);
    exit((int)getpid() * 10 + wait_for(grandchild));
  }
  printf("process 1, whose child knows it: %d\n", wait_for(child));
  return 0;
}
