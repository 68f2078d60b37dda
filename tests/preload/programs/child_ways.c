/* SPDX-License-Identifier: MIT
 * child_ways fork|_Fork|vfork|clone|clone_vm: a child made in this way allocates, frees a block of its
 * parent's and ends by _exit; the parent goes on with what is its own. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[256 * 1024] __attribute__((aligned(64)));
static char *of_parent[200];

static int live(void *unused) {
  (void)unused;
  char *blocks[200];
  for (size_t i = 0; i < 200; ++i) blocks[i] = memset(malloc(i * 30 + 1), 'c', i * 30 + 1);
  for (size_t i = 0; i < 200; i += 2) free(of_parent[i]);
  for (size_t i = 0; i < 200; ++i) free(realloc(blocks[i], 5000));
  _exit(7);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const char *way = argv[1];
  const int shares_memory = strcmp(way, "vfork") == 0 || strcmp(way, "clone_vm") == 0;
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0; i < 200; ++i) of_parent[i] = memset(malloc(500 + i), (int)i, 500 + i);
    pid_t child = -1;
    int status = 0;
    if (strcmp(way, "fork") == 0) child = fork();
    if (strcmp(way, "_Fork") == 0) child = _Fork();
    if (strcmp(way, "vfork") == 0) child = vfork();
    if (strcmp(way, "clone") == 0) child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (strcmp(way, "clone_vm") == 0) {
      child = clone(live, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    }
    if (child == 0) live(NULL);
    if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 7) return 1;
    for (size_t i = 0; i < 200; ++i) {
      if (shares_memory && i % 2 == 0) continue;
      if (of_parent[i][499] != (char)i) return 3;
      free(of_parent[i]);
    }
  }
  printf("10 children by %s\n", way);
  return 0;
}
