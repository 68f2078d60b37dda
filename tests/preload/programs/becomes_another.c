/* SPDX-License-Identifier: MIT
 * Becomes itself anew at each SIGUSR1, each time by another call of the exec family, and once from a thread;
 * then it ends. Says "N ready", and what children it has as it begins, by __WALL: it never made one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
enum { kBlocks = 200000, kBytes = 100, kWays = 12 };
static char **blocks;
static char next[16];

static void become(const char *self, int way) {
  char *arguments[] = {(char *)self, next, NULL};
  const int file = open(self, O_PATH | O_CLOEXEC);
  switch (way) {
    case 0:
      execl(self, self, next, NULL);
      break;
    case 1:
      execle(self, self, next, NULL, environ);
      break;
    case 2:
      execlp(self, self, next, NULL);
      break;
    case 3:
      execv(self, arguments);
      break;
    case 4:
      execve(self, arguments, environ);
      break;
    case 5:
      execvp(self, arguments);
      break;
    case 6:
      execvpe(self, arguments, environ);
      break;
    case 7:
      fexecve(file, arguments, environ);
      break;
    case 8:
      execveat(AT_FDCWD, self, arguments, environ, 0);
      break;
    case 9:
      syscall(SYS_execve, self, arguments, environ);
      break;
    case 10:
      syscall(SYS_execveat, file, "", arguments, environ, AT_EMPTY_PATH);
      break;
    default:
      break;
  }
  abort();
}

static void *become_in_thread(void *self) {
  become(self, 4);
  return NULL;
}

int main(int argc, char **argv) {
  const int way = argc > 1 ? atoi(argv[1]) : 0;
  siginfo_t info = {0};
  const int has_child = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  blocks = calloc(kBlocks, sizeof *blocks);
  for (int i = 0; i < kBlocks; ++i) memset(blocks[i] = malloc(kBytes), 1, kBytes);
  printf("%d ready, %s\n", way, has_child ? "a child" : "no child");
  fflush(stdout);
  int number = 0;
  sigwait(&set, &number);
  if (way == kWays) return 0;
  snprintf(next, sizeof next, "%d", way + 1);
  pthread_t thread;
  if (way < kWays - 1) become(argv[0], way);
  pthread_create(&thread, NULL, become_in_thread, argv[0]);
  pthread_join(thread, NULL);
  return 1;
}
