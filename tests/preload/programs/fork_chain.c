/* SPDX-License-Identifier: MIT
 * Twelve generations: each inherits a block, checks it, gives it back, makes another, and forks the
 * next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kGenerations = 12 };

static int live(int generation, char *inherited) {
  for (int i = 0; i < 5000; ++i) {
    if (inherited[i] != generation) return 0;
  }
  free(inherited);
  if (generation == kGenerations) return 1;
  char *block = memset(malloc(5000), generation + 1, 5000);
  const pid_t child = fork();
  if (child == 0) exit(live(generation + 1, block));
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 0) return 0;
  free(block);
  return WEXITSTATUS(status) + 1;
}

int main(void) {
  printf("%d generations\n", live(0, calloc(1, 5000)));
  return 0;
}
