/* SPDX-License-Identifier: MIT
 * first_block_late setrlimit|prlimit|syscall: leaves itself little address space, then asks for its
 * first blocks. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kAddresses = 40 << 20, kBlocks = 10000, kBytes = 100 };

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const struct rlimit limit = {kAddresses, kAddresses};
  const int failed = strcmp(argv[1], "setrlimit") == 0 ? setrlimit(RLIMIT_AS, &limit)
                     : strcmp(argv[1], "prlimit") == 0
                         ? prlimit(0, RLIMIT_AS, &limit, NULL)
                         : (int)syscall(SYS_prlimit64, 0, RLIMIT_AS, &limit, NULL);
  if (failed) return 3;
  int got = 0;
  while (got < kBlocks && malloc(kBytes) != NULL) ++got;
  printf("%d blocks\n", got);
  return 0;
}
