/* SPDX-License-Identifier: MIT
 * locked_memory MOST FLAGS...: mlockall() of that sort answers as it would without the meter, locks what the
 * program has, and leaves fewer than MOST MB resident; blocks at other addresses made afterwards add what
 * they hold. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "resident.h"

enum { UNWRITTEN = 100000 };
static char untouched[1 << 20];

/* Whether all are that lie in it as a whole. */
static int resident_pages(void *start, size_t bytes) {
  unsigned char pages[256];
  const size_t first = ((size_t)start + 4095) / 4096 * 4096;
  const size_t count = (bytes - (first - (size_t)start)) / 4096;
  size_t resident = 0;
  if (mincore((void *)first, count * 4096, pages) != 0) return -1;
  for (size_t i = 0; i < count; ++i) resident += pages[i] & 1;
  return resident == count;
}

int main(int argc, char **argv) {
  const long most = atol(argv[1]);
  int flags = 0;
  for (int i = 2; i < argc; ++i) {
    flags |= !strcmp(argv[i], "current")  ? MCL_CURRENT
             : !strcmp(argv[i], "future") ? MCL_FUTURE
                                          : MCL_ONFAULT;
  }
  void *before = malloc(5000), *unwritten = malloc(UNWRITTEN);
  errno = 77;
  const int answer = mlockall(flags), error = errno;
  printf("answer %d, errno %d, untouched pages in: %d\n", answer, error,
         resident_pages(untouched, sizeof untouched));
  printf("pages of an unwritten block in: %d\n", resident_pages(unwritten, UNWRITTEN));
  void *mapped = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("fresh pages in: %d\n", mapped == MAP_FAILED ? -1 : resident_pages(mapped, 1 << 20));
  void *large = malloc(1 << 20), *small = malloc(5000);
  printf("blocks: %d\n", before != NULL && large != NULL && small != NULL);
  if (resident_mb() >= most) printf("resident: %ld MB\n", resident_mb());
  printf("unlocked: %d, wrong flags: %d\n", munlockall(), mlockall(64));
  free(large);
  free(small);
  free(before);
  free(unwritten);
  return 0;
}
