/* SPDX-License-Identifier: MIT
 * killing_sandbox kill|thread|errno PROGRAM [ARGUMENT...]: runs it in a sandbox that was there before it and
 * ends whoever speaks to sockets or directories, or refuses those calls. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOT(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, how)

#if !defined(SYS_mkdir)  // arm64's kernel has only the newer ones
#define SYS_mkdir SYS_mkdirat
#define SYS_unlink SYS_unlinkat
#endif

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const unsigned how = strcmp(argv[1], "kill") == 0     ? SECCOMP_RET_KILL_PROCESS
                       : strcmp(argv[1], "thread") == 0 ? SECCOMP_RET_KILL_THREAD
                                                        : SECCOMP_RET_ERRNO | EPERM;
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 NOT(SYS_close_range),
                                 NOT(SYS_socket),
                                 NOT(SYS_bind),
                                 NOT(SYS_listen),
                                 NOT(SYS_accept4),
                                 NOT(SYS_mkdirat),
                                 NOT(SYS_mkdir),
                                 NOT(SYS_unlinkat),
                                 NOT(SYS_unlink),
                                 NOT(SYS_signalfd4),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    return 2;
  }
  execv(argv[2], argv + 2);
  return 127;
}
