// SPDX-License-Identifier: MIT
// fork_amid_collection: forks while a thread of it gives free memory back; the child, where nobody does,
// gives back what it frees all the same. 77 where there is no mimalloc that could be watched.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kBlocks = 4000, kBytes = 100000 };
static void *blocks[kBlocks];
static atomic_int collections, held = 1, freed;

static void collected(bool force, unsigned long long heartbeat, void *argument) {
  (void)heartbeat, (void)argument;
  if (!force) return;
  ++collections;
  while (held) sched_yield();
}

static void *free_half(void *unused) {
  for (int i = 0; i < kBlocks / 2; ++i) free(blocks[i]);
  freed = 1;
  return unused;
}

int main(void) {
  typedef void Callback(bool, unsigned long long, void *);
  void (*watch)(Callback *, void *) =
      (void (*)(Callback *, void *))dlsym(RTLD_DEFAULT, "mi_register_deferred_free");
  if (watch == NULL) return 77;
  for (int i = 0; i < kBlocks; ++i) blocks[i] = malloc(kBytes);
  watch(collected, NULL);
  pthread_t thread;
  if (pthread_create(&thread, NULL, free_half, NULL) != 0) return 1;
  while (collections == 0 && !freed) sched_yield();
  if (collections == 0) return 77;
  const pid_t child = fork();
  held = 0;
  if (child == 0) {
    for (int i = kBlocks / 2; i < kBlocks; ++i) free(blocks[i]);
    printf("%s\n", collections > 1 ? "gives back" : "keeps all");
    return 0;
  }
  pthread_join(thread, NULL);
  return waitpid(child, NULL, 0) != child;
}
