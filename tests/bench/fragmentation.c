// SPDX-License-Identifier: MIT
//
// Fragmentation at its worst for allocators of size classes: ten times 40 MB of blocks of another small size,
// of which all but one in each 60,000 bytes are freed again. Prints what is resident then, with 1 MB live.
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kRoundBytes = 40000000, kKeptEvery = 60000, kMost = kRoundBytes / 64, kPauseUs = 700000 };

static void *blocks[kMost];

int main(void) {
  static const size_t sizes[] = {64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
  for (size_t round = 0; round < sizeof sizes / sizeof *sizes; ++round) {
    const size_t size = sizes[round], count = kRoundBytes / size, kept_every = kKeptEvery / size;
    for (size_t i = 0; i < count; ++i) {
      blocks[i] = malloc(size);
      if (blocks[i] == NULL) return 1;
      memset(blocks[i], 1, size);
    }
    for (size_t i = 0; i < count; ++i)
      if (i % kept_every != 0) free(blocks[i]);
    usleep(kPauseUs);  // allocators give back with a delay
  }
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, "VmRSS", 5) == 0) fputs(line, stdout);
  return 0;
}
