/* SPDX-License-Identifier: MIT
 *
 * takes_course WORD: says "ready" and goes on until it is killed. "leaks": 1000 bytes every 2 ms.
 * "fragments": keeps one block of 100 bytes in 600 of 400,000. "maps": 48 MiB that malloc knows nothing of.
 * "arenas": as Python's, 64 KiB more of such every 10 ms. "peaks": 100 MiB, released. "rests": nothing.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kBlocks = 400000, kMapped = 48 << 20, kPeak = 100 << 20, kArena = 64 << 10 };

static void fragment(void) {
  char **blocks = malloc(kBlocks * sizeof *blocks);
  for (int at = 0; at < kBlocks; ++at) {
    blocks[at] = malloc(100);
    memset(blocks[at], 1, 100);
  }
  for (int at = 0; at < kBlocks; ++at) {
    if (at % 600 != 0) free(blocks[at]);
  }
  free(blocks);
}

static void *arena(void) {
  void *mapped = mmap(NULL, kArena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) abort();
  return mapped;
}

int main(int argc, char **argv) {
  const char *word = argc > 1 ? argv[1] : "rests";
  if (strcmp(word, "fragments") == 0) fragment();
  if (strcmp(word, "maps") == 0) {
    void *mapped = mmap(NULL, kMapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return 1;
    memset(mapped, 1, kMapped);
  }
  if (strcmp(word, "peaks") == 0) {
    char *block = malloc(kPeak);
    memset(block, 1, kPeak);
    free(block);
  }
  if (write(1, "ready\n", 6) != 6) return 2;
  for (;;) {
    if (strcmp(word, "leaks") == 0) memset(malloc(1000), 1, 1000);
    if (strcmp(word, "arenas") == 0) memset(arena(), 1, kArena);
    usleep(strcmp(word, "arenas") == 0 ? 10000 : 2000);
  }
}
