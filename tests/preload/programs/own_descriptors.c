/* SPDX-License-Identifier: MIT
 * Descriptors, pipes and locks: the next number is the next number, a pipe ends with its only writer, a lock
 * that went with its only descriptor is free. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "until_sigterm.h"

static int descriptors(void) {
  int count = 0;
  DIR *directory = opendir("/proc/self/fd");
  while (readdir(directory) != NULL) ++count;
  closedir(directory);
  return count;
}

int main(void) {
  char name[] = "/tmp/heapmeter-locks-XXXXXX";
  const int file = mkstemp(name);
  struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  const int before = descriptors(), next = dup(file);
  if (next < 0) return 1;
  close(next);
  ready_for_sigterm();
  long faults = 0;
  while (!sigterm_came) {
    int ends[2];
    char byte;
    if (pipe(ends) != 0) return 1;
    faults += ends[0] != next || ends[1] != next + 1;
    close(ends[1]);
    struct pollfd end = {.fd = ends[0], .events = POLLIN};
    faults += poll(&end, 1, 0) != 1 || read(ends[0], &byte, 1) != 0;
    close(ends[0]);
    /* Let go with its descriptor, free at once. */
    const int locked = open(name, O_RDWR | O_CLOEXEC);
    faults += flock(locked, LOCK_EX | LOCK_NB) != 0;
    close(locked);
    const int owned = open(name, O_RDWR | O_CLOEXEC);
    faults += fcntl(owned, F_OFD_SETLK, &all) != 0;
    close(owned);
    faults += descriptors() != before;
  }
  unlink(name);
  printf("%ld faults\n", faults);
  return 0;
}
