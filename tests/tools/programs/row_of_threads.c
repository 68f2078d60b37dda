// SPDX-License-Identifier: MIT
// row_of_threads [unseen]: loses forty blocks of 333 bytes; meanwhile, in some rows, each thread makes the
// next and ends; unseen by whoever traces it, where told so.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kRows = 8, kPlaces = 64, kBytes = 16384 };
static char stacks[kRows][kPlaces][kBytes] __attribute__((aligned(64)));
static int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

struct place {
  int row, at;
  _Atomic int tid;  // 0: its stack is nobody's
};
static struct place places[kRows][kPlaces];

// They have no thread-local storage of their own: nothing but system calls, but for what clone says of a
// failure.
static int make_next(void *given);
static void start_at(struct place *place) {
  char *end = stacks[place->row][place->at] + kBytes;
  while (place->tid != 0 || clone(make_next, end, flags, place, &place->tid, NULL, &place->tid) < 0)
    sched_yield();
}
static int make_next(void *given) {
  const struct place *here = given;
  start_at(&places[here->row][(here->at + 1) % kPlaces]);
  syscall(SYS_exit, 0);
  return 0;
}

__attribute__((noinline)) static void lose(void) {
  for (int i = 0; i < 40; ++i) {
    void *block = memset(malloc(333), 0, 333);
    __asm__ volatile("" : "+r"(block));
  }
}
__attribute__((noinline)) static void scrub(void) {
  volatile char room[16384];
  for (size_t i = 0; i < sizeof room; ++i) room[i] = 0;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "unseen") == 0) flags |= CLONE_UNTRACED;
  lose();
  scrub();
  for (int row = 0; row < kRows; ++row) {
    for (int at = 0; at < kPlaces; ++at) places[row][at] = (struct place){row, at, 0};
    start_at(&places[row][0]);
  }
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) pause();
}
