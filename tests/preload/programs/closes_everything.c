/* SPDX-License-Identifier: MIT
 * Closes every descriptor from 0 on and does so again when the meter has come up; what it opens then is 0, 1,
 * 2 and 3, over and over. Says so in a file, for it has no stream left. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  char path[4096];
  int good = 0;
  snprintf(path, sizeof path, "%s/said", getenv("TMPDIR"));
  closefrom(0);
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 4; ++i) good += open("/dev/null", O_RDWR) == i;
    free(malloc(1000));
    usleep(4000);
    if (round % 2 == 0) {
      close_range(0, ~0U, 0);
    } else {
      for (int i = 0; i < 1024; ++i) close(i);
    }
  }
  const int file = open(path, O_WRONLY | O_CREAT, 0600);
  dprintf(file, "file %d, %d good\n", file, good);
  return 0;
}
