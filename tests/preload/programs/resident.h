/* SPDX-License-Identifier: MIT
 * Resident memory of this process in MB, read without a heap call. */
#pragma once

#include <fcntl.h>
#include <unistd.h>

static inline long resident_mb(void) {
  char text[128] = "";
  const int fd = open("/proc/self/statm", O_RDONLY);
  const long length = read(fd, text, sizeof text - 1);
  close(fd);
  const char *at = text;
  while (length > 0 && *at != ' ') ++at; /* the first number is the size */
  long pages = 0;
  for (++at; *at >= '0' && *at <= '9'; ++at) pages = pages * 10 + (*at - '0');
  return pages / 256;
}
