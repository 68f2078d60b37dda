/* SPDX-License-Identifier: MIT
 * free() leaves errno alone, also where the kernel refuses to take pages back because they are locked. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
  static void *blocks[30000];
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) perror("mlockall");
  for (int i = 0; i < 30000; ++i) memset(blocks[i] = malloc(5000), 1, 5000);
  int changed = 0;
  for (int i = 0; i < 30000; ++i) {
    errno = 77;
    free(blocks[i]);
    changed += errno != 77;
  }
  printf("changed: %d\n", changed);
  return 0;
}
