/* SPDX-License-Identifier: MIT
 * A realloc keeps what the block held, whatever it grows or shrinks through and whoever made it. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

static const size_t kSizes[] = {1,    8,    15,    16,    17,     63,      255,     256,
                                1000, 4096, 20000, 70000, 600000, 5000000, 40000000};
enum { kCount = sizeof kSizes / sizeof *kSizes };

static unsigned char pattern(size_t i) { return (unsigned char)(i * 31 + i / 251); }

int main(void) {
  long checked = 0;
  for (int from = 0; from < kCount; ++from) {
    for (int to = 0; to < kCount; ++to) {
      for (int aligned = 0; aligned < 2; ++aligned) {
        unsigned char *p = aligned ? memalign(128, kSizes[from]) : malloc(kSizes[from]);
        for (size_t i = 0; i < kSizes[from]; i += 1 + kSizes[from] / 5000) p[i] = pattern(i);
        p = realloc(p, kSizes[to]);
        for (size_t i = 0; i < kSizes[from] && i < kSizes[to]; i += 1 + kSizes[from] / 5000) {
          if (p[i] != pattern(i)) {
            printf("realloc %zu to %zu lost byte %zu\n", kSizes[from], kSizes[to], i);
            break;
          }
        }
        ++checked;
        free(p);
      }
    }
  }
  printf("%ld reallocs\n", checked);
  return 0;
}
