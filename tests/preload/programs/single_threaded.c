/* SPDX-License-Identifier: MIT
 * A program without threads is one in glibc's eyes: stdio and shared_ptr then need no lock and no atomic. At
 * start, and later, when a meter has long been serving. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/single_threaded.h>
#include <unistd.h>

int main(void) {
  free(malloc(1000));
  printf("at start: %d\n", __libc_single_threaded);
  usleep(150 * 1000);
  free(malloc(1000));
  printf("later: %d\n", __libc_single_threaded);
  return 0;
}
