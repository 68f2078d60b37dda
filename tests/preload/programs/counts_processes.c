/* SPDX-License-Identifier: MIT
 * counts_processes inherited|setrlimit|prlimit|syscall|raised: makes children as long as it may, under the
 * limit it was started with or one of 40 that it sets itself when everything is up. Or takes the limit back,
 * and then is "ready", until SIGTERM. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ready.h"

enum { kMost = 60 };

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "";
  const struct rlimit few = {40, 1000}, many = {1000, 1000};
  int result = 0, made = 0;
  pid_t children[kMost];
  usleep(200000);
  if (strcmp(way, "setrlimit") == 0 || strcmp(way, "raised") == 0) result = setrlimit(RLIMIT_NPROC, &few);
  if (strcmp(way, "prlimit") == 0) result = prlimit(0, RLIMIT_NPROC, &few, NULL);
  if (strcmp(way, "syscall") == 0) result = (int)syscall(SYS_prlimit64, 0, RLIMIT_NPROC, &few, NULL);
  for (; made < kMost && result == 0; ++made) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      pause();
      _exit(0);
    }
    children[made] = child;
    usleep(5000); /* long enough for what a child begins with */
  }
  for (int i = 0; i < made; ++i) kill(children[i], SIGKILL);
  for (int i = 0; i < made; ++i) waitpid(children[i], NULL, 0);
  printf("%s %d: %d children\n", way, result, made);
  if (strcmp(way, "raised") != 0) return 0;
  if (setrlimit(RLIMIT_NPROC, &many) != 0) return 1;
  return ready_until_sigterm();
}
