// SPDX-License-Identifier: MIT
//
// A sandbox for all threads that kills at the system calls of a service: the program must live, and end well.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KILL_AT(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

int main(void) {
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 KILL_AT(SYS_socket),
                                 KILL_AT(SYS_unlinkat),
                                 KILL_AT(SYS_mkdirat),
                                 KILL_AT(SYS_bind),
                                 KILL_AT(SYS_close_range),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  usleep(150000);  // long enough for a service to come up, if there were one
  printf("seccomp %ld, alive\n", result);
  return 0;
}
