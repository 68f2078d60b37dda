/* SPDX-License-Identifier: MIT
 * Frees addresses within blocks of all sorts, each counted and without effect: the block is released rightly
 * afterwards, and the heap is still sound. */
#include "delta.h"

#include <malloc.h>

static char *around[64];

/* At most a hundred addresses over the block, also such as no block has. */
static void within(const char *label, char *block, size_t bytes) {
  const size_t apart = bytes / 90 > 16 ? bytes / 90 / 8 * 8 : 8;
  memset(block, 7, bytes);
  step_begin();
  for (size_t at = 8; at < bytes; at += apart) free(block + at);
  step_end(label);
  for (size_t i = 0; i < bytes; ++i) {
    if (block[i] != 7) printf("byte %zu changed\n", i), i = bytes;
  }
}

int main(void) {
  static const size_t sizes[] = {16,   17,   24,   32,   33,   48,   100,   160,     255,     300,
                                 1000, 1024, 1025, 3000, 4096, 5000, 70000, 1 << 20, 20 << 20};
  delta_start();
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    const size_t bytes = sizes[i];
    char label[40];
    /* Neighbours, some of them gone. */
    const size_t some = bytes < 100000 ? 64 : 1;
    for (size_t k = 0; k < some; ++k) around[k] = malloc(bytes);
    for (size_t k = 1; k < some; k += 3) free(around[k]), around[k] = NULL;
    snprintf(label, sizeof label, "%zu bytes", bytes);
    within(label, around[some > 1 ? 32 : 0], bytes);
    STEP("realloc", around[63] = realloc(around[0] + 8, 50) == NULL ? around[63] : NULL);
    step_begin();
    for (size_t k = 0; k < some; ++k) free(around[k]);
    step_end("right frees");
  }
  char *aligned = memalign(64, 100), *shrunk = realloc(malloc(40), 20), *array = calloc(30, 30);
  within("aligned", aligned, 100);
  within("shrunk", shrunk, 20);
  within("calloc", array, 900);
  STEP("right frees", (free(aligned), free(shrunk), free(array)));
  char *first = malloc(300), *second = malloc(300);
  printf("two blocks %s\n", first - second < 300 && second - first < 300 ? "overlap" : "are apart");
  free(first), free(second);
  fflush(stdout);
  return 0;
}
