/* SPDX-License-Identifier: MIT
 * parade COUNT: that many threads, one after the other, each with a block of its own. */
#include <pthread.h>
#include <stdlib.h>

static void *walk_by(void *unused) {
  free(malloc(1000));
  return unused;
}

int main(int argc, char **argv) {
  const long count = argc > 1 ? atol(argv[1]) : 1;
  for (long i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, walk_by, NULL) != 0) return 1;
    pthread_join(thread, NULL);
  }
  return 0;
}
