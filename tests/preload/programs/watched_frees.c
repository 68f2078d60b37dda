/* SPDX-License-Identifier: MIT
 * A preload in front of the meter that knows which blocks were called lost, and notes every one of them that
 * is freed or resized all the same: who looks writes their addresses into a file of each process's own,
 * $WATCHED_FREES/PID. Addresses stand there inverted, so that they are no pointers.
 *
 * What was freed between a look and its answer cannot be known yet as called lost: every free leaves its
 * address, and in which phase it was, where the next with the same hash takes its place. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* false_alarms.py knows this layout. */
enum { kLost = 1 << 20, kRecent = 1 << 18, kAlarms = 64 };
struct watched {
  uint64_t phase, frees, alarms;
  uint64_t alarm[kAlarms]; /* inverted addresses */
  uint64_t lost[kLost];    /* open addressing; 0: the end of a run */
  struct {
    uint64_t address, phase;
  } recent[kRecent];
};

static struct watched *watched;
static int broken;

static void begin(void) {
  char name[4096], fresh[sizeof name + 8];
  const char *directory = getenv("WATCHED_FREES");
  watched = NULL;
  broken = 1;
  if (directory == NULL) return;
  snprintf(name, sizeof name, "%s/%d", directory, (int)getpid());
  snprintf(fresh, sizeof fresh, "%s.fresh", name);
  /* Whoever had this number before is still looked into: his file stays what it is, without a name. */
  const int file = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof *watched) != 0 || rename(fresh, name) != 0) return;
  void *mapped = mmap(NULL, sizeof *watched, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return;
  watched = mapped;
  broken = 0;
}

/* Its parent's file is not the child's. */
static void begin_again(void) {
  if (watched != NULL) munmap(watched, sizeof *watched);
  begin();
}

__attribute__((constructor)) static void start(void) {
  if (watched == NULL && !broken) begin();
  pthread_atfork(NULL, NULL, begin_again);
}

static uint64_t hash(uint64_t address) { return (address >> 4) * 0x9E3779B97F4A7C15u; }

static void note(const void *block) {
  if (block == NULL || watched == NULL) return;
  const uint64_t inverted = ~(uint64_t)(uintptr_t)block, at = hash((uintptr_t)block);
  __atomic_fetch_add(&watched->frees, 1, __ATOMIC_RELAXED);
  watched->recent[at >> 46].address = inverted;
  watched->recent[at >> 46].phase = watched->phase;
  for (uint64_t slot = at >> 44; watched->lost[slot] != 0; slot = (slot + 1) % kLost) {
    if (watched->lost[slot] != inverted) continue;
    const uint64_t alarm = __atomic_fetch_add(&watched->alarms, 1, __ATOMIC_RELAXED);
    if (alarm < kAlarms) watched->alarm[alarm] = inverted;
    return;
  }
}

/* As many words as any of them takes are passed on; what returns none returns what nobody looks at. */
typedef void *(*function)(void *, size_t, size_t, size_t);
#define WATCHED(name)                                                                      \
  void *watched_##name(void *block, size_t two, size_t three, size_t four) __asm__(#name); \
  void *watched_##name(void *block, size_t two, size_t three, size_t four) {               \
    static function next;                                                                  \
    if (next == NULL) next = (function)dlsym(RTLD_NEXT, #name);                            \
    note(block);                                                                           \
    return next(block, two, three, four);                                                  \
  }
WATCHED(free)
WATCHED(realloc)
WATCHED(reallocarray)
WATCHED(_ZdlPv)
WATCHED(_ZdaPv)
WATCHED(_ZdlPvm)
WATCHED(_ZdaPvm)
WATCHED(_ZdlPvRKSt9nothrow_t)
WATCHED(_ZdaPvRKSt9nothrow_t)
WATCHED(_ZdlPvSt11align_val_t)
WATCHED(_ZdaPvSt11align_val_t)
WATCHED(_ZdlPvmSt11align_val_t)
WATCHED(_ZdaPvmSt11align_val_t)
WATCHED(_ZdlPvSt11align_val_tRKSt9nothrow_t)
WATCHED(_ZdaPvSt11align_val_tRKSt9nothrow_t)
