/* SPDX-License-Identifier: MIT
 * switches_among_threads TIMES: threads take another user's id and root's again, all together by libc and
 * each for itself alone, while one leaves shared state behind, for which there must be no thread but the
 * program's; then root goes for good. No thread may be left that is anybody else. */
#define _GNU_SOURCE
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "thread_ids.h"

enum { kOther = 4711, kThreads = 4 };
static int times, failed;

static int switch_once(int way) {
  if (way == 0) return seteuid(kOther) != 0 || seteuid(0) != 0;
  if (way == 1) return setresuid(-1, kOther, -1) != 0 || setresuid(-1, 0, 0) != 0;
  if (way == 2) return syscall(SYS_setresuid, -1, kOther, -1) != 0 || syscall(SYS_setresuid, -1, 0, -1) != 0;
  return unshare(CLONE_FS) != 0;
}

static void *switch_often(void *first) {
  for (int i = 0; i < times; ++i) {
    const int way = (int)((long)first + i) % (i % 100 == 0 ? 4 : 3);
    if (switch_once(way) != 0) __atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t threads[kThreads];
  times = argc > 1 ? atoi(argv[1]) : 100;
  usleep(200000);
  for (long i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, switch_often, (void *)i);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  failed += setgroups(0, NULL) | setresgid(kOther, kOther, kOther) | setresuid(kOther, kOther, kOther);
  usleep(200000); /* long enough for one who starts anew */
  printf("%d failed, threads of another user: %d\n", failed, others());
  return 0;
}
