/* SPDX-License-Identifier: MIT
 * Handlers on alternate signal stacks of 8 KiB allocate: the first block of the process, one in each of
 * fifty threads, and one after a stack overflow. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static _Atomic int handled;
static sigjmp_buf back;

static void allocate(int number) {
  char *block = malloc(3000);
  free(realloc(block, 9000));
  free(malloc(20));
  ++handled;
  if (number == SIGSEGV) siglongjmp(back, 1);
}

static volatile int endless = 1;
static int overflow(volatile char *last) {
  volatile char page[4096] = {*last};
  return endless ? overflow(page) + page[1] : 0;
}

static void *work(void *unused) {
  enum { size = 8192 };
  char memory[size];
  const stack_t stack = {.ss_sp = memory, .ss_size = size};
  sigaltstack(&stack, NULL);
  raise(SIGUSR1);
  if (unused != NULL && sigsetjmp(back, 1) == 0) overflow(memory);
  const stack_t none = {.ss_flags = SS_DISABLE};
  sigaltstack(&none, NULL);
  return NULL;
}

int main(void) {
  struct sigaction action = {.sa_handler = allocate, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGSEGV, &action, NULL);
  work(NULL);
  for (int i = 0; i < 50; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, i % 10 == 0 ? &thread : NULL) != 0) return 1;
    pthread_join(thread, NULL);
  }
  printf("%d handlers\n", handled);
  return 0;
}
