/* SPDX-License-Identifier: MIT
 * without_call kill|trap|errno|interrupt PROGRAM [ARGUMENT...]: runs it once for each system call that the
 * meter makes, in a sandbox that was there before it and forbids just that one; says how each run ended.
 * Other calls than those here are named in WITHOUT_CALLS: NAME=NUMBER, each with a comma behind it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL(name) \
  { #name, SYS_##name }
struct call {
  const char *name;
  unsigned number;
};
static const struct call usual[] = {
    CALL(accept4),   CALL(bind),          CALL(capget),          CALL(close_range), CALL(fchmodat),
    CALL(fstat),     CALL(ftruncate),     CALL(getcwd),          CALL(getdents64),  CALL(geteuid),
    CALL(getppid),   CALL(getresgid),     CALL(getresuid),       CALL(getsockopt),  CALL(ioctl),
    CALL(kill),      CALL(listen),        CALL(lseek),           CALL(madvise),     CALL(mincore),
    CALL(mkdirat),   CALL(mlock),         CALL(mlock2),          CALL(mlockall),    CALL(mremap),
    CALL(munlock),   CALL(munlockall),    CALL(nanosleep),       CALL(newfstatat),  CALL(ppoll),
    CALL(pread64),   CALL(pselect6),      CALL(readlinkat),      CALL(recvfrom),    CALL(renameat),
    CALL(renameat2), CALL(rt_sigpending), CALL(rt_sigtimedwait), CALL(sched_yield), CALL(sendto),
    CALL(shutdown),  CALL(signalfd4),     CALL(socket),          CALL(sysinfo),     CALL(tgkill),
    CALL(unlinkat),  CALL(wait4),         CALL(waitid),          CALL(write),
};
enum { kUsual = sizeof usual / sizeof *usual, kMost = 200, kAtOnce = 8 };
static const struct call *calls = usual;
static int count_of_calls = kUsual;

static void read_calls(char *text) {
  static struct call read[kMost];
  calls = read;
  count_of_calls = 0;
  for (char *name = strtok(text, "=,"); name != NULL && count_of_calls < kMost; name = strtok(NULL, "=,")) {
    const char *number = strtok(NULL, "=,");
    if (number != NULL) read[count_of_calls++] = (struct call){name, (unsigned)atoi(number)};
  }
}

static pid_t start(unsigned number, unsigned how, char **argv) {
  const pid_t child = fork();
  if (child != 0) return child;
  struct sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, how),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  const struct rlimit no_core = {0, 0};
  const int null = open("/dev/null", O_WRONLY);
  setrlimit(RLIMIT_CORE, &no_core);
  if (dup2(null, 1) != 1 || close(null) != 0) _exit(125);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit(126);
  execv(argv[0], argv);
  _exit(127);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const unsigned how = strcmp(argv[1], "kill") == 0        ? SECCOMP_RET_KILL_PROCESS
                       : strcmp(argv[1], "trap") == 0      ? SECCOMP_RET_TRAP
                       : strcmp(argv[1], "interrupt") == 0 ? SECCOMP_RET_ERRNO | EINTR
                                                           : SECCOMP_RET_ERRNO | EPERM;
  char *named = getenv("WITHOUT_CALLS");
  if (named != NULL) read_calls(named);
  for (int first = 0; first < count_of_calls; first += kAtOnce) {
    pid_t children[kAtOnce];
    const int count = count_of_calls - first < kAtOnce ? count_of_calls - first : kAtOnce;
    for (int i = 0; i < count; ++i) children[i] = start(calls[first + i].number, how, argv + 2);
    for (int i = 0; i < count; ++i) {
      int status = 0;
      waitpid(children[i], &status, 0);
      printf("%s: code %d, signal %d\n", calls[first + i].name, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
             WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
  }
  return 0;
}
