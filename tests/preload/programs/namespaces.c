/* SPDX-License-Identifier: MIT
 * namespaces now|later: unshare(CLONE_NEWUSER) and setns(CLONE_NEWNS) are refused to a program with a second
 * thread. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  free(malloc(100));
  if (argc > 1 && strcmp(argv[1], "later") == 0) usleep(300000);
  const int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  printf("setns: %s\n", setns(own, CLONE_NEWNS) == 0 ? "done" : strerror(errno));
  const int result = unshare(CLONE_NEWUSER);
  printf("unshare: %s\n", result == 0 ? "done" : strerror(errno));
  free(malloc(100));
  return 0;
}
