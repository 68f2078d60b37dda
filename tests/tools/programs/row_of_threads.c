// SPDX-License-Identifier: MIT
// row_of_threads: loses forty blocks of 333 bytes; meanwhile, in some rows, each thread makes the next and
// ends.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lose.h"

enum { kRows = 8 };
static pthread_attr_t detached;

static void *make_next(void *unused) {
  pthread_t next;
  while (pthread_create(&next, &detached, make_next, NULL) != 0) {
  }
  return unused;
}

int main(void) {
  lose();
  scrub();
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&detached, 64 << 10);
  for (int row = 0; row < kRows; ++row) make_next(NULL);
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) pause();
}
