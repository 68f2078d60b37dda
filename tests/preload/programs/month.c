/* SPDX-License-Identifier: MIT
 * month DAYS: each day a wave of small blocks, threads that come and go, aligned and huge blocks, one that
 * grows; each night all of it is gone. With MONTH_IS_FLAT it says so when addresses or resident memory have
 * grown since the first week. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resident.h"

enum { WAVE = 60000, THREADS = 24, OF_THREAD = 500, HUGE_BLOCKS = 40, KEPT = 64, SETTLED = 6 };

static void *come_and_go(void *kept) {
  void *blocks[OF_THREAD];
  for (size_t i = 0; i < OF_THREAD; ++i) blocks[i] = malloc(16 + i * 37 % 5000);
  for (size_t i = 0; i < OF_THREAD; ++i) free(blocks[i]);
  *(void **)kept = malloc(300); /* released by another thread, when this one is gone */
  return NULL;
}

static void day(unsigned number) {
  static void *wave[WAVE], *left[THREADS];
  for (size_t i = 0; i < WAVE; ++i) wave[i] = memset(malloc(100 + (i + number) % 1900), 1, 100);
  for (int i = 0; i < THREADS; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, come_and_go, &left[i]) != 0) exit(1);
    pthread_join(thread, NULL);
    free(left[i]);
  }
  for (size_t i = 0; i < HUGE_BLOCKS; ++i) {
    const size_t alignment = (size_t)1 << (6 + i % 17);
    char *block = aligned_alloc(alignment, (1 + (i + number) % 15) << 22);
    if (block == NULL) exit(2);
    block[0] = 1;
    free(block);
  }
  char *grown = NULL;
  for (size_t mb = 1; mb <= 30; ++mb) grown = realloc(grown, mb << 20);
  free(grown);
  for (size_t i = 0; i < WAVE; ++i) free(wave[(i * 7919 + number) % WAVE]);
}

int main(int argc, char **argv) {
  const unsigned days = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
  long mapped = 0, resident = 0;
  for (unsigned number = 0; number < days; ++number) {
    day(number);
    if (number > SETTLED) continue;
    if (mapped_mb() > mapped) mapped = mapped_mb();
    if (resident_mb() > resident) resident = resident_mb();
  }
  const int flat = mapped_mb() <= mapped + 64 && resident_mb() <= resident + 24;
  printf("%u days\n", days);
  if (getenv("MONTH_IS_FLAT") != NULL && !flat)
    fprintf(stderr, "mapped %ld to %ld MB, resident %ld to %ld MB\n", mapped, mapped_mb(), resident,
            resident_mb());
  return 0;
}
