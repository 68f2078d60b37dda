/* SPDX-License-Identifier: MIT
 * A thread that glibc knows nothing of: clone with CLONE_VM and CLONE_THREAD, without storage of its own. It
 * allocates with the storage of the thread that made it, which waits meanwhile. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char stack[65536] __attribute__((aligned(64)));
static char *blocks[100];
static int tid = 1;

static int work(void *unused) {
  (void)unused;
  for (size_t i = 0; i < 100; ++i) blocks[i] = memset(malloc(100 + i * 50), (int)i, 100 + i * 50);
  for (size_t i = 0; i < 100; i += 2) free(blocks[i]);
  return 0;
}

int main(void) {
  int good = 0;
  for (int round = 0; round < 20; ++round) {
    tid = 1;
    if (clone(work, stack + sizeof stack,
              CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                  CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID,
              NULL, NULL, NULL, &tid) < 0) {
      return 1;
    }
    for (int now; (now = __atomic_load_n(&tid, __ATOMIC_ACQUIRE)) != 0;) {
      syscall(SYS_futex, &tid, FUTEX_WAIT, now, NULL, NULL, 0);
    }
    for (int i = 1; i < 100; i += 2) {
      good += blocks[i][0] == i;
      free(blocks[i]);
    }
  }
  printf("%d blocks are right\n", good);
  return 0;
}
