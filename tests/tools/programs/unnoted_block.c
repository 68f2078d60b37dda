/* SPDX-License-Identifier: MIT
 * unnoted_block: has a block where no other is near, while there are addresses for it and for nothing more.
 * At SIGUSR1 it frees it. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { kBlock = 200 << 10, kLeft = 230 << 10, kGaps = 4096 };

static void *map(size_t bytes) {
  return mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

int main(void) {
  static char out[64];
  setvbuf(stdout, out, _IOFBF, sizeof out);
  sigset_t told;
  sigemptyset(&told);
  sigaddset(&told, SIGUSR1);
  sigprocmask(SIG_BLOCK, &told, NULL);
  void *const far = map((size_t)1 << 30);
  for (int gap = 0; gap < kGaps; ++gap) {
    void *const here = map(kBlock + 8192);
    if ((uintptr_t)here < (uintptr_t)far) {
      munmap(here, kBlock + 8192);
      break;
    }
  }
  char text[64] = "";
  FILE *const file = fopen("/proc/self/statm", "r");
  setvbuf(file, NULL, _IONBF, 0);
  if (fgets(text, sizeof text, file) == NULL) return 1;
  struct rlimit before;
  getrlimit(RLIMIT_AS, &before);
  const struct rlimit little = {strtoul(text, NULL, 10) * 4096 + kLeft, before.rlim_max};
  setrlimit(RLIMIT_AS, &little);
  void *const block = malloc(kBlock);
  setrlimit(RLIMIT_AS, &before);
  printf("%s\n", block != NULL ? "ready" : "refused");
  fflush(stdout);
  int number = 0;
  sigwait(&told, &number);
  free(block);
  puts("freed");
  fflush(stdout);
  for (;;) pause();
}
