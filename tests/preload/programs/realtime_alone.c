/* SPDX-License-Identifier: MIT
 * realtime_alone: raises itself to real time on the one processor that all of it may use, and there calls
 * what wants a process of one thread; then "ready", until SIGTERM. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "own_threads.h"
#include "ready.h"

int main(void) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  usleep(200000);
  DIR *threads = own_threads();
  for (const char *tid; (tid = next_thread(threads)) != NULL;) sched_setaffinity(atoi(tid), sizeof one, &one);
  struct sched_param priority = {10};
  if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0) return 77;
  const int unshared = unshare(CLONE_FILES), user = setuid(0);
  priority.sched_priority = 0;
  sched_setscheduler(0, SCHED_OTHER, &priority);
  printf("unshare %d, setuid %d\n", unshared, user);
  return ready_until_sigterm();
}
