/* SPDX-License-Identifier: MIT
 * switches_user TIMES: takes the ids of its client and its own again, as servers do for each request, by libc
 * and by the bare system calls; then "ready", until SIGTERM. No thread of the process was exchanged. */
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "own_threads.h"
#include "ready.h"

/* The ids of the other threads, added up. */
static long other_threads(void) {
  long sum = 0;
  DIR *threads = own_threads();
  for (const char *tid; (tid = next_thread(threads)) != NULL;) {
    if (atoi(tid) != getpid()) sum += atoi(tid);
  }
  return sum;
}

int main(int argc, char **argv) {
  const int times = argc > 1 ? atoi(argv[1]) : 1000;
  int failed = 0;
  const gid_t groups[2] = {7, 8};
  usleep(200000);
  const long before = other_threads();
  for (int i = 0; i < times; ++i) {
    failed += setgroups(2, groups) != 0;
    failed += setegid(65534) != 0 || seteuid(65534) != 0;
    failed += seteuid(0) != 0 || setegid(0) != 0;
    failed += setresgid(-1, 65534, -1) != 0 || setresuid(-1, 65534, -1) != 0;
    failed += setresuid(-1, 0, 0) != 0 || setresgid(-1, 0, 0) != 0;
    failed += setreuid(-1, 65534) != 0 || setreuid(-1, 0) != 0;
    failed += syscall(SYS_setresuid, -1, 65534, -1) != 0 || syscall(SYS_setresuid, -1, 0, -1) != 0;
    failed += setuid(0) != 0 || setgid(0) != 0;
    failed += setuid(-1) != -1;
  }
  printf("%d failed, other threads %s\n", failed, before == other_threads() ? "the same" : "exchanged");
  return ready_until_sigterm();
}
