/* SPDX-License-Identifier: MIT
 * Started without standard streams: the next descriptors a program opens are theirs, also later, when a meter
 * has long been serving. The exit code says which. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  free(malloc(1000));
  const int first = open("/dev/null", O_RDWR);
  usleep(150 * 1000);
  free(malloc(1000));
  const int second = open("/dev/null", O_RDWR);
  return first * 10 + second;
}
