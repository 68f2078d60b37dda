// SPDX-License-Identifier: MIT
// Has mtrace record three calls of the malloc family, and loses one block.
#include <mcheck.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  mtrace();
  free(malloc(100));
  void *lost = realloc(malloc(123), 456);
  muntrace();
  puts(lost != NULL ? "traced" : "no block");
  return 0;
}
