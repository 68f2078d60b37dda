/* SPDX-License-Identifier: MIT
 * Allocates many gigabytes, 16 MiB at a time, whenever SIGUSR1 comes. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  while (write(STDOUT_FILENO, ".", 1) == 1) {
    int number;
    sigwait(&set, &number);
    for (int i = 0; i < 2000; ++i) {
      void *block = malloc((size_t)16 << 20);
      if (block == NULL) return 1;
      free(block);
    }
  }
  return 0;
}
