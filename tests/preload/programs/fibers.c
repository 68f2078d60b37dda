/* SPDX-License-Identifier: MIT
 * fibers: 200 of them by ucontext on stacks of 4 KiB, one of which is the first to allocate at all, resumed
 * in turns by two threads. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { kFibers = 200, kTurns = 20, kStack = 4096 };
static char stacks[kFibers][kStack] __attribute__((aligned(64)));
static ucontext_t fibers[kFibers], *resumer;
static int turns_of[kFibers], finished;

static void live(int number) {
  char *block = NULL;
  for (int turn = 0; turn < kTurns; ++turn) {
    block = realloc(block, (size_t)(turn * 700 + number + 1));
    memset(block, number, (size_t)(turn * 700 + number + 1));
    free(calloc(3, (size_t)turn * 11));
    ++turns_of[number];
    swapcontext(&fibers[number], resumer);
  }
  free(block);
  ++finished;
  swapcontext(&fibers[number], resumer);
}

static void *resume_all(void *times) {
  ucontext_t here;
  for (long turn = 0; turn < (long)times; ++turn) {
    for (int i = 0; i < kFibers; ++i) swapcontext((resumer = &here), &fibers[i]);
  }
  return NULL;
}

int main(void) {
  for (int i = 0; i < kFibers; ++i) {
    getcontext(&fibers[i]);
    fibers[i].uc_stack.ss_sp = stacks[i];
    fibers[i].uc_stack.ss_size = kStack;
    makecontext(&fibers[i], (void (*)(void))live, 1, i);
  }
  pthread_t thread;
  resume_all((void *)10);
  pthread_create(&thread, NULL, resume_all, (void *)8);
  pthread_join(thread, NULL);
  resume_all((void *)3);
  printf("%d fibers of %d turns\n", finished, turns_of[kFibers - 1]);
  return 0;
}
