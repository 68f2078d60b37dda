/* SPDX-License-Identifier: MIT
 * holder [COUNT BYTES]: holds COUNT blocks of BYTES bytes, says "ready", frees one more block at every
 * SIGUSR1, and ends well on SIGTERM. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *word, long number) { /* dprintf would allocate */
  char line[64];
  const int length = number < 0 ? snprintf(line, sizeof line, "%s\n", word)
                                : snprintf(line, sizeof line, "%s %ld\n", word, number);
  if (write(1, line, (size_t)length) != length) abort();
}

int main(int argc, char **argv) {
  const long count = argc > 2 ? atol(argv[1]) : 10, bytes = argc > 2 ? atol(argv[2]) : 1001;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  char **blocks = malloc((size_t)count * sizeof *blocks);
  for (long i = 0; i < count; ++i) {
    blocks[i] = malloc((size_t)bytes);
    memset(blocks[i], 1, (size_t)bytes);
  }
  say("ready", -1);
  long freed = 0;
  for (int number = 0; sigwait(&set, &number) == 0 && number == SIGUSR1;) {
    if (freed < count) free(blocks[freed++]);
    say("freed", freed);
  }
  for (; freed < count; ++freed) free(blocks[freed]);
  free(blocks);
  say("done", -1);
  return 0;
}
