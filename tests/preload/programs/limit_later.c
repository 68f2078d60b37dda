/* SPDX-License-Identifier: MIT
 * limit_later LIMIT LEAST SIZE: once it runs, allows itself LIMIT MB of addresses, and can still have LEAST
 * MB in blocks of SIZE bytes; then it is refused with ENOMEM, and goes on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const rlim_t limit = strtoul(argv[1], NULL, 10) << 20;
  const size_t least = strtoul(argv[2], NULL, 10) << 20, size = strtoul(argv[3], NULL, 10);
  free(malloc(100000));
  const struct rlimit most = {limit, limit};
  if (setrlimit(RLIMIT_AS, &most) != 0) return 1;
  void **last = NULL;
  size_t got = 0;
  errno = 0;
  for (void **block; (block = malloc(size)) != NULL; got += size) {
    memset(block, 1, size);
    *block = last;
    last = block;
  }
  const int error = errno;
  while (last != NULL) {
    void **next = *last;
    free(last);
    last = next;
  }
  void *again = malloc(size);
  printf("enough: %s, errno %d, again: %s\n", got >= least ? "yes" : "no", error,
         again != NULL ? "yes" : "no");
  if (got < least) fprintf(stderr, "%zu MB\n", got >> 20);
  free(again);
  return 0;
}
