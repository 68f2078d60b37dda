/* SPDX-License-Identifier: MIT
 * A child shuts itself in so tightly that it may compute, allocate and talk to its parent, and nothing else;
 * then it ends by exit. Argument: how it enters, prctl or syscall.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALLOW(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int enter(const char *how) {
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 ALLOW(SYS_read),
                                 ALLOW(SYS_write),
                                 ALLOW(SYS_brk),
                                 ALLOW(SYS_mmap),
                                 ALLOW(SYS_munmap),
                                 ALLOW(SYS_mremap),
                                 ALLOW(SYS_madvise),
                                 ALLOW(SYS_mprotect),
                                 ALLOW(SYS_getpid),
                                 ALLOW(SYS_getrandom),
                                 ALLOW(SYS_clock_gettime),
                                 ALLOW(SYS_rt_sigprocmask),
                                 ALLOW(SYS_exit_group),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  if (strcmp(how, "prctl") == 0) return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int main(int argc, char **argv) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    if (argc != 2 || enter(argv[1]) != 0) _exit(9);
    unsigned sum = 0;
    for (int round = 0; round < 300; ++round) {
      unsigned char *block = malloc((size_t)round * 1000 + 1);
      if (block == NULL) _exit(8);
      memset(block, round, (size_t)round * 1000 + 1);
      sum += block[round];
      free(block);
    }
    exit((int)(sum % 7));
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("child: code %d, signal %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
         WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  return 0;
}
