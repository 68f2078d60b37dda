/* SPDX-License-Identifier: MIT
 * Locks itself into a filter that kills on everything but memory and output calls, then allocates at length:
 * seccomp_strict [first], with `first` its first block, too. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOW(name) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv) {
  (void)argv;
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 ALLOW(write),
                                 ALLOW(mmap),
                                 ALLOW(munmap),
                                 ALLOW(mprotect),
                                 ALLOW(madvise),
                                 ALLOW(brk),
                                 ALLOW(exit_group),
                                 ALLOW(mremap),
                                 ALLOW(futex),
                                 ALLOW(getrandom),
                                 ALLOW(newfstatat),
                                 ALLOW(clock_gettime),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (argc == 1) free(malloc(10));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    return 1;
  }
  static char *blocks[2000];
  for (int round = 0; round < 20; ++round) {
    for (size_t i = 0; i < 2000; ++i) blocks[i] = realloc(malloc(i * 13), i * 29 + 1);
    for (size_t i = 0; i < 2000; ++i) free(blocks[i]);
  }
  static const char kDone[] = "allocated under seccomp\n";
  if (write(1, kDone, sizeof kDone - 1) < 0) return 1;
  syscall(SYS_exit_group, 0);
  return 0;
}
