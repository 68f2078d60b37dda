/* SPDX-License-Identifier: MIT
 * clones_itself: as the first process of its pid namespace makes a child by the bare system call, the first
 * of another, which has the same pid and ends by exit(); what was served is served as before. */
#define _GNU_SOURCE
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int sockets(void) {
  char pattern[300];
  glob_t found;
  const char *directory = getenv("HEAPMETER_DIR");
  snprintf(pattern, sizeof pattern, "%s/%d-*.sock", directory == NULL ? "/nowhere" : directory, getpid());
  const int count = glob(pattern, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
  globfree(&found);
  return count;
}

int main(void) {
  int status;
  usleep(300000);
  const int before = sockets();
  const long child = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) exit(getpid() == 1 ? 7 : 8);
  if (child < 0 || waitpid((pid_t)child, &status, 0) != child) return 1;
  printf("process %d, its child ended %d, sockets: %s\n", getpid(), WEXITSTATUS(status),
         before == sockets() ? "as before" : "another number");
  return 0;
}
