// SPDX-License-Identifier: MIT
// Calls functions of libc that the meter stands before.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  printf("syscall: %d\n", syscall(SYS_getpid) == getpid());
  printf("prctl: %d\n", prctl(PR_SET_NAME, "renamed"));
  printf("dlopen: %d\n", dlopen("libm.so.6", RTLD_NOW) != NULL);
  printf("dlmopen: %d\n", dlmopen(LM_ID_BASE, "libm.so.6", RTLD_NOW) != NULL);
  printf("setgid: %d\n", setgid(getgid()));
  printf("seteuid: %d\n", seteuid(geteuid()));
  void *block = malloc(100);
  printf("malloc: %d\n", block != NULL);
  free(block);
  return 0;
}
