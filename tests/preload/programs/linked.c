/* SPDX-License-Identifier: MIT
 * A program linked against the library reads itself, in C11. */
#include <heapmeter/heapmeter.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  heapmeter_thread_counters before, after;
  if (heapmeter_read_thread(&before, sizeof before) != 0) return 1;
  void *block = malloc(12345);
  if (heapmeter_read_thread(&after, sizeof after) != 0) return 1;
  printf("version %s\n", heapmeter_version());
  printf("allocated %d bytes in %d block\n", (int)(after.allocated_bytes - before.allocated_bytes),
         (int)(after.allocations - before.allocations));
  free(block);
  return 0;
}
