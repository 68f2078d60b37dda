// SPDX-License-Identifier: MIT
// in_a_register [NAME [hides]]: loses forty blocks of 333 bytes, has a chain of twenty of 4440 whose first is
// in a register only, says so, and waits; where a name is given, in another thread that is called so. It may
// keep some memory out of copies.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lose.h"

static void *block_of(size_t bytes, void *next) {
  void **block = malloc(bytes);
  memset(block, 0, bytes);
  *block = next;
  return block;
}
__attribute__((noinline)) static unsigned long hidden_chain(void) {
  void *first = NULL;
  for (int i = 0; i < 20; ++i) first = block_of(4440, first);
  return ~(unsigned long)first;
}

static void *stand(void *name) {
  if (name != NULL) pthread_setname_np(pthread_self(), name);
  unsigned long hidden = hidden_chain();
  lose();
  scrub();
  if (write(1, "ready\n", 6) != 6) exit(1);
#if defined(__x86_64__)
  while (1) {
    long call = SYS_pause;
    __asm__ volatile("not %%rbx\n\tsyscall\n\tnot %%rbx"
                     : "+b"(hidden), "+a"(call)
                     :
                     : "rcx", "r11", "memory");
  }
#else
  (void)hidden;
  while (1) pause();
#endif
}

static int hide(void) {
  void *hidden = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (hidden == MAP_FAILED) return -1;
  memset(hidden, 1, 65536);
  return madvise(hidden, 65536, MADV_DONTFORK);
}

int main(int argc, char **argv) {
  pthread_t thread;
  if (argc > 2 && hide() != 0) return 3;
  if (argc == 1) return stand(NULL) != NULL;
  if (pthread_create(&thread, NULL, stand, argv[1]) != 0) return 2;
  while (1) pause();
}
