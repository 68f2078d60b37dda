/* SPDX-License-Identifier: MIT
 * child_first fork|vfork|clone: the first block of this program is made by a child, in a memory of its own or
 * in its parent's; then the parent makes some, says "ready", and ends well on SIGTERM. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[256 * 1024];

static int in_child(void *unused) {
  (void)unused;
  char *volatile block = malloc(1000);
  if (block == NULL) _exit(1);
  memset(block, 1, 1000);
  free(block);
  _exit(0);
}

static pid_t start(const char *way) {
  if (strcmp(way, "clone") == 0)
    return clone(in_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
  const pid_t child = strcmp(way, "vfork") == 0 ? vfork() : fork();
  if (child == 0) in_child(NULL);
  return child;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int status = 1, number = 0;
  if (waitpid(start(argv[1]), &status, 0) < 0 || status != 0) return 3;
  void *blocks[3];
  for (int i = 0; i < 3; ++i) blocks[i] = memset(malloc(1001), 1, 1001);
  if (write(1, "ready\n", 6) != 6) return 4;
  sigwait(&set, &number);
  for (int i = 0; i < 3; ++i) free(blocks[i]);
  return 0;
}
