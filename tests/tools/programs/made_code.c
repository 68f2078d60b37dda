/* SPDX-License-Identifier: MIT
 * made_code: as a runtime does, makes a function, tells of it in /tmp/perf-PID.map, and has it allocate for
 * keep_sessions(); says "ready", and stays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef void *(*Allocate)(size_t);
typedef void *(*Made)(Allocate, size_t);

/* Calls the first argument with the second, and has a frame pointer, but nothing that describes its frame. */
#if defined(__x86_64__)
static const unsigned char kCode[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0xf8,
                                      0x48, 0x89, 0xf7, 0xff, 0xd0, 0x5d, 0xc3};
#else
static const unsigned char kCode[1];
#endif

static void *sessions[50];

__attribute__((noinline)) static void keep_sessions(Made made) {
  for (int i = 0; i < 50; ++i) sessions[i] = made(malloc, 1000);
}

int main(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return 1;
  memcpy(page, kCode, sizeof kCode);
  if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0) return 1;
  char path[64];
  snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
  FILE *map = fopen(path, "wx");
  if (map == NULL) return 1;
  fprintf(map, "%lx %zx JS:*makeSession shop.js:3\n", (unsigned long)page, sizeof kCode);
  if (fclose(map) != 0) return 1;
  Made made;
  memcpy(&made, &page, sizeof made);
  keep_sessions(made);
  puts("ready");
  fflush(stdout);
  pause();
  return 0;
}
