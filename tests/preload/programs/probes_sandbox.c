/* SPDX-License-Identifier: MIT
 * probes_sandbox: asks the kernel, in the ways of libseccomp and systemd, whether it has filters, and for
 * some that are refused; then "ready", until SIGTERM. No sandbox has come of it. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ready.h"

static void say(const char *what, long result) {
  printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : "");
}

int main(void) {
  static struct sock_filter filters[1] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4096)};
  const struct sock_fprog empty = {0, filters}, wrong = {1, filters};
  usleep(150000);
  say("all threads", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL));
  say("log", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, NULL));
  say("a flag that is none", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1u << 30, &empty));
  say("strict with an argument", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, &empty));
  say("prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0));
  say("bare prctl", syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0));
  say("no mode", prctl(PR_SET_SECCOMP, 77, 0, 0, 0));
  say("empty", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &empty, 0, 0));
  say("wrong", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &wrong));
  say("sandboxed", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
  return ready_until_sigterm();
}
