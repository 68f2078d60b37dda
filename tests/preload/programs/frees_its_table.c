/* SPDX-License-Identifier: MIT
 * A thousand names, lost with the table that alone held them: it is freed, and its memory still has them. */
#include <stdlib.h>
#include <string.h>

enum { COUNT = 1000 };

__attribute__((noinline)) static void lose(void) {
  char **table = calloc(COUNT, sizeof *table);
  for (int i = 0; i < COUNT; ++i) table[i] = strdup("a name of which nobody knows");
  free(table);
}
/* Over what that left on the stack. */
__attribute__((noinline)) static void scrub(void) {
  volatile char room[32768];
  for (size_t i = 0; i < sizeof room; ++i) room[i] = 0;
}

int main(void) {
  lose();
  scrub();
  return 0;
}
