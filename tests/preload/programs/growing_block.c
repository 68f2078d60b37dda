/* SPDX-License-Identifier: MIT
 * A large block that grows step by step is not copied each time: a few page faults a page at most, its bytes
 * kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int main(void) {
  const size_t step = 1 << 20, last = 48 * step;
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  unsigned char *block = NULL;
  for (size_t size = step; size <= last; size += step) {
    block = realloc(block, size);
    memset(block + size - step, (int)(size / step), step);
  }
  getrusage(RUSAGE_SELF, &after);
  int wrong = 0;
  for (size_t i = 0; i < last; i += 1000) wrong += block[i] != (unsigned char)(i / step + 1);
  printf("copied again and again: %s\n",
         after.ru_minflt - before.ru_minflt > 3 * (long)(last / 4096) ? "yes" : "no");
  for (size_t size = last; size > 1000; size = size * 2 / 3) {
    block = realloc(block, size);
    for (size_t i = 0; i < size; i += 1000) wrong += block[i] != (unsigned char)(i / step + 1);
  }
  printf("wrong bytes: %d\n", wrong);
  free(block);
  return 0;
}
