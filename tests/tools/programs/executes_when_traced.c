// SPDX-License-Identifier: MIT
// executes_when_traced [stays]: says "ready"; when the first of its many threads is traced, another executes
// the program anew, which says "fine"; or none does.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_int first_tid;

static void *waits(void *unused) {
  int none = 0;
  atomic_compare_exchange_strong(&first_tid, &none, gettid());
  for (;;) pause();
  return unused;
}

static int is_traced(int tid) {
  char path[64], line[128] = "";
  snprintf(path, sizeof path, "/proc/self/task/%d/status", tid);
  FILE *status = fopen(path, "re");
  while (status != NULL && fgets(line, sizeof line, status) != NULL && strncmp(line, "TracerPid:", 10) != 0) {
  }
  if (status != NULL) fclose(status);
  return strcmp(line, "TracerPid:\t0\n") != 0;
}

static void *executes(void *unused) {
  while (!is_traced(atomic_load(&first_tid))) {
  }
  execl("/proc/self/exe", "executes_when_traced", "anew", NULL);
  perror("execl");
  return unused;
}

int main(int argc, char **argv) {
  const int stays = argc > 1 && strcmp(argv[1], "stays") == 0;
  if (argc > 1 && !stays) {
    puts("fine");
    return 0;
  }
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 << 10);
  for (int i = 0; i < (stays ? 2000 : 400); ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &small, i == 200 && !stays ? executes : waits, NULL) != 0) return 1;
    while (i == 0 && atomic_load(&first_tid) == 0) usleep(100);
  }
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) pause();
}
