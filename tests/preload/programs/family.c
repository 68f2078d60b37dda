/* SPDX-License-Identifier: MIT
 * family fork|vfork|spawn|_Fork|clone|exec|brief [PROGRAM]: makes one child, which holds 3 blocks of 5003
 * bytes (fork, _Fork, clone) or executes PROGRAM, says so, and waits for it; brief makes 200 that end at
 * once. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int child_life(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  void *blocks[3];
  for (int i = 0; i < 3; ++i) blocks[i] = malloc(5003);
  dprintf(1, "child %d\n", (int)getpid());
  int number;
  sigwait(&set, &number);
  for (int i = 0; i < 3; ++i) free(blocks[i]);
  return 7;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  void *volatile held = malloc(7001); /* carried over into a child */
  const char *way = argv[1];
  pid_t child = -1;
  int status = 0;
  if (strcmp(way, "fork") == 0) child = fork();
  if (strcmp(way, "_Fork") == 0) child = _Fork();
  if (strcmp(way, "clone") == 0) child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0) exit(child_life());
  if (strcmp(way, "vfork") == 0 && (child = vfork()) == 0) {
    execv(argv[2], argv + 2);
    _exit(127);
  }
  if (strcmp(way, "spawn") == 0) posix_spawn(&child, argv[2], NULL, NULL, argv + 2, environ);
  if (strcmp(way, "exec") == 0) execv(argv[2], argv + 2);
  if (strcmp(way, "brief") == 0) {
    for (int i = 0; i < 200; ++i) {
      if ((child = fork()) == 0) free(malloc(10)), _exit(7);
      if (waitpid(child, &status, 0) != child) return 1;
    }
    return WEXITSTATUS(status);
  }
  if (child < 0) return 1;
  while (waitpid(child, &status, 0) != child) {
  }
  free(held);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
