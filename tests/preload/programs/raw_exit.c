/* SPDX-License-Identifier: MIT
 * raw_exit alone|last|main|thread|group libc|bare [MS]: after a while, threads leave by the exit system call,
 * made through libc or with the bare instruction: the only one; the main thread and then another; the main
 * thread, and another ends the process in good order; another, and main goes on; or all by exit_group. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *way;
static int bare, ms;

static void leave(long call, long code) {
  if (!bare) syscall(call, code);
#if defined(__x86_64__)
  __asm__ volatile("syscall" : : "a"(call), "D"(code) : "rcx", "r11", "memory");
#else
  register long x8 __asm__("x8") = call;
  register long x0 __asm__("x0") = code;
  __asm__ volatile("svc 0" : : "r"(x8), "r"(x0) : "memory");
#endif
}

static void *other(void *unused) {
  free(malloc(1000));
  if (strcmp(way, "thread") == 0) leave(SYS_exit, 0);
  usleep(100000);
  if (strcmp(way, "last") == 0) leave(SYS_exit, 7);
  exit(6);
  return unused;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  way = argv[1], bare = argv[2][0] == 'b', ms = argc > 3 ? atoi(argv[3]) : 0;
  dprintf(1, "%s\n", way);
  pthread_t thread;
  const int two = strcmp(way, "alone") != 0 && strcmp(way, "group") != 0;
  usleep((useconds_t)ms * 1000);
  if (two && pthread_create(&thread, NULL, other, NULL) != 0) return 1;
  if (strcmp(way, "group") == 0) leave(SYS_exit_group, 7);
  if (strcmp(way, "thread") != 0) leave(SYS_exit, 7);
  usleep(50000);
  return 5;
}
