/* SPDX-License-Identifier: MIT
 * Lives long enough to be served, then shows its descriptors, closes them all and goes on allocating; prints
 * "ready" to standard output when it may be looked at, and ends on end of input or SIGTERM. */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show_descriptors(const char *when) {
  char name[64], target[256];
  for (int fd = 0; fd < 1024; ++fd) {
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = '\0';
    dprintf(1, "%s: %d %s\n", when, fd, strncmp(target, "/memfd:", 7) == 0 ? "memory" : target);
  }
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  free(malloc(100));
  const struct timespec a_while = {0, 300 * 1000 * 1000}; /* past the meter's binding */
  sigtimedwait(&set, NULL, &a_while);
  show_descriptors("living");
  close_range(3, ~0U, 0);
  free(malloc(100));
  dprintf(1, "ready\n");
  int signal_number;
  sigwait(&set, &signal_number);
  show_descriptors("ending");
  dprintf(1, "signal %d\n", signal_number);
  return 0;
}
