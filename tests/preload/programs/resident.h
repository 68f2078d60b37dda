/* SPDX-License-Identifier: MIT
 * Resident memory and addresses of this process in MB, read without a heap call. */
#pragma once

#include <fcntl.h>
#include <unistd.h>

/* Of /proc/self/statm. */
static inline long statm_mb(int field) {
  char text[128] = "";
  const int fd = open("/proc/self/statm", O_RDONLY);
  const long length = read(fd, text, sizeof text - 1);
  close(fd);
  const char *at = text;
  for (; length > 0 && field > 0; ++at) field -= *at == ' ';
  long pages = 0;
  for (; *at >= '0' && *at <= '9'; ++at) pages = pages * 10 + (*at - '0');
  return pages / 256;
}
static inline long mapped_mb(void) { return statm_mb(0); }
static inline long resident_mb(void) { return statm_mb(1); }
