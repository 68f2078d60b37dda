/* SPDX-License-Identifier: MIT
 * crowd_ending WAY: while four threads allocate without pause, the process ends: main returns, a thread
 * exits, quick_exits, _exits, aborts, is sent SIGTERM, writes to address 0, executes another program, or main
 * leaves by pthread_exit and they follow. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int stop;
static const char *way;

static void *allocate(void *unused) {
  void *blocks[64] = {0};
  for (unsigned i = 0; !stop; ++i) {
    void **place = &blocks[i * 7919 % 64];
    *place = realloc(*place, i * 31 % 3000 + 1);
    if (i % 3 == 0) free(*place), *place = NULL;
  }
  for (int i = 0; i < 64; ++i) free(blocks[i]);
  return unused;
}

static void *end(void *unused) {
  usleep(20000);
  if (strcmp(way, "exit") == 0) exit(3);
  if (strcmp(way, "quick_exit") == 0) quick_exit(4);
  if (strcmp(way, "_exit") == 0) _exit(5);
  if (strcmp(way, "abort") == 0) abort();
  if (strcmp(way, "signal") == 0) pthread_kill(pthread_self(), SIGTERM);
  if (strcmp(way, "fault") == 0) *(volatile char *)NULL = 1;
  if (strcmp(way, "exec") == 0) execl("/bin/echo", "echo", "executed", (char *)NULL);
  stop = 1;
  return unused;
}
static void at_exit(void) { free(strdup("an exit handler that allocates")); }

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  way = argv[1];
  atexit(at_exit), at_quick_exit(at_exit);
  dprintf(1, "ending by %s\n", way);
  pthread_t thread;
  for (int i = 0; i < 4; ++i) pthread_create(&thread, NULL, allocate, NULL);
  if (strcmp(way, "return") == 0) return usleep(20000);
  pthread_create(&thread, NULL, end, NULL);
  pthread_exit(NULL);
}
