/* SPDX-License-Identifier: MIT
 * poisoned_environment: its environment is nowhere while a meter comes up, makes way for a call and comes
 * back: it is the program's own, and was read when it began. Then "ready", until SIGTERM. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

int main(void) {
  char **const before = environ;
  setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
  setenv("HEAPMETER_DIR", "/nowhere", 1);
  environ = (char **)1;
  usleep(200000);
  const int unshared = unshare(CLONE_FILES);
  usleep(200000);
  environ = before;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  printf("unshare %d\nready\n", unshared);
  fflush(stdout);
  int number;
  return sigwait(&set, &number);
}
