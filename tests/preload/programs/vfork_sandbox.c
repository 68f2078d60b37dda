// SPDX-License-Identifier: MIT
//
// A vfork child puts itself into a sandbox before its exec; the parent's memory is its own, the sandbox is
// not.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {1, allow};
  usleep(120000);  // by now there is a socket
  const pid_t child = vfork();
  if (child == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
    execl("/bin/true", "true", (char *)NULL);
    _exit(9);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("child: %d\n", status);
  fflush(stdout);
  return getchar() == EOF ? 0 : 1;
}
