/* SPDX-License-Identifier: MIT
 * Built with a sanitizer, which finds the one fault there is. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  char *volatile block = malloc(100);
  for (int i = 0; i < 100; ++i) block[i] = argv[0][0];
  free(block);
  puts("about to do wrong");
  fflush(stdout);
  return argc > 1 ? block[10] != argv[0][0] : 0;
}
