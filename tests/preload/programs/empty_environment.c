/* SPDX-License-Identifier: MIT
 * Says how many variables there are, allocates, and finds that counted if it is metered. */
#include <unistd.h>

#include "delta.h"

extern char **environ;

int main(void) {
  int count = 0;
  while (environ[count] != NULL) ++count;
  delta_start();
  const heapmeter_snapshot before = reading();
  for (int i = 0; i < 100; ++i) free(malloc(777));
  const heapmeter_snapshot after = reading();
  if (read_process != NULL && after.allocated_bytes - before.allocated_bytes != 77700) return 9;
  printf("%d variables\n", count);
  return 0;
}
