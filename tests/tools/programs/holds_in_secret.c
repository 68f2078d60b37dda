// SPDX-License-Identifier: MIT
// holds_in_secret: loses forty blocks of 333 bytes and holds twenty of 555 in memory that not even the kernel
// reads (memfd_secret), says so, and waits. Where there is none, it says why, and ends with 77.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lose.h"

enum { kBytes = 65536 };

static void *block_of(size_t bytes) { return memset(malloc(bytes), 0, bytes); }
__attribute__((noinline)) static void fill(void **secret) {
  for (size_t i = 0; i < kBytes / sizeof *secret; ++i) secret[i] = NULL;
  for (int i = 0; i < 20; ++i) secret[i * 8] = block_of(555);
  for (int i = 0; i < 40; ++i) {
    void *lost = block_of(333);
    __asm__ volatile("" : "+r"(lost));
  }
}

static int without(const char *what) {
  printf("no %s: %s\n", what, strerror(errno));
  return 77;
}

int main(void) {
#if !defined(SYS_memfd_secret)
  errno = ENOSYS;
  return without("memfd_secret where this was built");
#else
  const int file = (int)syscall(SYS_memfd_secret, 0);
  if (file < 0) return without("memfd_secret");
  void *secret = ftruncate(file, kBytes) == 0
                     ? mmap(NULL, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                     : MAP_FAILED;
  if (secret == MAP_FAILED) return without("room for it");
  fill(secret);
  scrub();
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) pause();
#endif
}
