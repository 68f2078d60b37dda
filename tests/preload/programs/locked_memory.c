/* SPDX-License-Identifier: MIT
 * locked_memory [MIB]: locks its memory, what it has and what it will have, before and after some use of it.
 * With MIB, says whether no more than that is resident. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static long resident_mib(void) {
  long pages = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  if (fscanf(statm, "%*d %ld", &pages) != 1) abort();
  fclose(statm);
  return pages * sysconf(_SC_PAGESIZE) / (1 << 20);
}

int main(int argc, char **argv) {
  static char *blocks[2000];
  for (size_t i = 0; i < 1000; ++i) blocks[i] = memset(malloc(i), 1, i);
  const int locked = mlockall(MCL_CURRENT | MCL_FUTURE);
  for (size_t i = 1000; i < 2000; ++i) {
    if ((blocks[i] = malloc(i)) == NULL) return 2;
    memset(blocks[i], 1, i);
  }
  printf("locked: %d\n", locked);
  if (argc > 1) printf("resident: %s\n", resident_mib() <= atol(argv[1]) ? "little" : "too much");
  if (argc > 2) printf("%ld MiB\n", resident_mib());
  for (size_t i = 0; i < 2000; ++i) free(blocks[i]);
  return munlockall();
}
