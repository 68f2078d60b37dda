/* SPDX-License-Identifier: MIT
 *
 * Holds 50 blocks of 100 bytes, in a thread "stays" 4 of 48 bytes, in a thread "leaves" 6 of 48; says
 * "ready". On SIGUSR2, once: main frees 10 of its blocks, makes 30 of 1000 bytes and grows one of 100 to
 * 5000; "stays" makes 7 of 64; "leaves" frees 2 and ends; says "grown". Then, on SIGUSR1, it ends; with the
 * word "becomes", it starts itself anew instead.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_barrier_t step, done;

static void *leaves(void *blocks) {
  void **held = blocks;
  for (int block = 0; block < 6; ++block) held[block] = malloc(48);
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  free(held[0]);
  free(held[1]);
  return NULL;
}

static void *stays(void *blocks) {
  void **held = blocks;
  for (int block = 0; block < 4; ++block) held[block] = malloc(48);
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  for (int block = 0; block < 7; ++block) held[block] = malloc(64);
  pthread_barrier_wait(&done);
  pause();
  return NULL;
}

int main(int argc, char **argv) {
  static void *held[50], *more[30], *of_stays[7], *of_leaves[6];
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int block = 0; block < 50; ++block) held[block] = malloc(100);
  pthread_barrier_init(&step, NULL, 3);
  pthread_barrier_init(&done, NULL, 2);
  pthread_t staying, leaving;
  if (pthread_create(&staying, NULL, stays, of_stays) != 0) return 3;
  if (pthread_create(&leaving, NULL, leaves, of_leaves) != 0) return 3;
  pthread_setname_np(staying, "stays");
  pthread_setname_np(leaving, "leaves");
  pthread_barrier_wait(&step);
  if (write(1, "ready\n", 6) != 6) return 4;

  int number = 0;
  while (sigwait(&set, &number) == 0 && number == SIGUSR2) {
    for (int block = 0; block < 10; ++block) free(held[block]);
    for (int block = 0; block < 30; ++block) more[block] = malloc(1000);
    held[10] = realloc(held[10], 5000);
    pthread_barrier_wait(&step);
    pthread_join(leaving, NULL);
    pthread_barrier_wait(&done);
    if (write(1, "grown\n", 6) != 6) return 4;
  }
  if (argc > 1 && strcmp(argv[1], "becomes") == 0) execl("/proc/self/exe", argv[0], NULL);
  return held[0] == more[0];
}
