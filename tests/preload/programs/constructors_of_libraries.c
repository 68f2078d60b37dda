/* SPDX-License-Identifier: MIT
 * Finds whole what a library's constructor allocated before main. */
#include <stdio.h>

int constructor_library_whole(void);

int main(void) {
  printf("%d of 100 blocks are whole\n", constructor_library_whole());
  return constructor_library_whole() == 100 ? 0 : 1;
}
