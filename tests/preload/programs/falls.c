/* SPDX-License-Identifier: MIT
 * falls COUNT: holds COUNT blocks of 200 bytes, says "full", and on SIGUSR1 releases all but every hundredth
 * of the first fiftieth, says "fallen", and holds these until SIGTERM. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void wait_for(int wanted) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  for (int got = 0; got != wanted;) sigwait(&set, &got);
}

int main(int argc, char **argv) {
  const long count = argc > 1 ? atol(argv[1]) : 10;
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  void **blocks = malloc((size_t)count * sizeof *blocks);
  for (long i = 0; i < count; ++i) blocks[i] = malloc(200);
  puts("full");
  fflush(stdout);
  wait_for(SIGUSR1);
  for (long i = 0; i < count; ++i)
    if (i % 100 != 50 || i >= count / 50) free(blocks[i]);
  puts("fallen");
  fflush(stdout);
  wait_for(SIGTERM);
  return 0;
}
