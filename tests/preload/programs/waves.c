/* SPDX-License-Identifier: MIT
 * waves MB WAVES: so many MB in blocks of 1000 bytes come and go in waves, while threads make, resize and
 * release blocks of all sizes. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 1000, THREADS = 2, KEPT = 500 };
static int done;

static void *churn(void *unused) {
  void *kept[KEPT] = {NULL};
  for (unsigned turn = 0; !__atomic_load_n(&done, __ATOMIC_RELAXED); ++turn) {
    void **at = &kept[turn % KEPT];
    if (turn % 3 == 0) {
      *at = realloc(*at, 1 + turn * 7919 % 9000);
    } else {
      free(*at);
      *at = malloc(1 + turn * 7919 % 9000);
    }
    if (turn % 64 == 0) usleep(1);
  }
  for (int i = 0; i < KEPT; ++i) free(kept[i]);
  return unused;
}

int main(int argc, char **argv) {
  const size_t mb = argc > 1 ? strtoul(argv[1], NULL, 10) : 64, count = (mb << 20) / SIZE;
  const int waves = argc > 2 ? atoi(argv[2]) : 1;
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) pthread_create(&threads[i], NULL, churn, NULL);
  void **blocks = malloc(count * sizeof *blocks);
  for (int wave = 0; wave < waves; ++wave) {
    for (size_t i = 0; i < count; ++i) memset(blocks[i] = malloc(SIZE), 1, SIZE);
    for (size_t i = 0; i < count; ++i) free(blocks[i]);
  }
  __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL);
  free(blocks);
  printf("%d waves of %zu blocks\n", waves, count);
  return 0;
}
