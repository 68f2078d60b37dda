/* SPDX-License-Identifier: MIT
 *
 * Prints what it was born with: blocked and ignored signals, open descriptors, process group and umask.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  for (int number = 1; number < 65; ++number) {
    struct sigaction action;
    if (sigismember(&blocked, number) == 1) printf("blocked %d\n", number);
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) printf("ignored %d\n", number);
  }
  for (int fd = 0; fd < 64; ++fd) {
    struct stat status;
    if (fstat(fd, &status) == 0) printf("open %d\n", fd);
  }
  printf("umask %03o\n", (unsigned)umask(0));
  printf("group %d\n", (int)getpgrp());
  return 0;
}
