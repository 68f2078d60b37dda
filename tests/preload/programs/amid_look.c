/* SPDX-License-Identifier: MIT
 * amid_look KIND: holds 200,000 blocks, says "ready", and at SIGUSR1 does what KIND says, then "done":
 * unshare (what demands a process of one thread), sandbox (sets one up), fork (the child lives on until
 * SIGTERM), exec (this program anew, as KIND "again"), exec_past_libc (likewise, by the bare instruction),
 * exec_of_none (no such program), vfork
 * (whose child executes another), exit. Otherwise it ends well on SIGTERM. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kBlocks = 200000, kBytes = 400 };
static char **blocks;

static void say(const char *line) {
  if (write(1, line, strlen(line)) < 0) abort();
}

static void wait_for(sigset_t *set, int wanted) {
  int number = 0;
  while (sigwait(set, &number) == 0 && number != wanted) {
  }
}

static void enter_sandbox(void) {
  struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  struct sock_fprog filter = {1, &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    abort();
}

// Past every function that a library could stand before.
static void exec_past_libc(char **arguments) {
#if defined(__x86_64__)
  long number = SYS_execve;
  __asm__ volatile("syscall"
                   : "+a"(number)
                   : "D"(arguments[0]), "S"(arguments), "d"(environ)
                   : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number __asm__("x8") = SYS_execve;
  register char *path __asm__("x0") = arguments[0];
  register char **list __asm__("x1") = arguments, **names __asm__("x2") = environ;
  __asm__ volatile("svc 0" : "+r"(path) : "r"(number), "r"(list), "r"(names) : "memory");
#endif
  abort();
}

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "";
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  blocks = calloc(kBlocks, sizeof *blocks);
  for (int i = 0; i < kBlocks; ++i) memset(blocks[i] = malloc(kBytes), 1, kBytes);
  say(strcmp(kind, "again") == 0 ? "again\n" : "ready\n");
  pid_t child = 0, other = 0;
  int status = 0;
  if (*kind != '\0' && strcmp(kind, "again") != 0) {
    wait_for(&set, SIGUSR1);
    if (strcmp(kind, "unshare") == 0 && unshare(CLONE_FS) != 0) abort();
    if (strcmp(kind, "sandbox") == 0) enter_sandbox();
    if (strcmp(kind, "fork") == 0 && (child = fork()) == 0) wait_for(&set, SIGTERM), _exit(0);
    if (strcmp(kind, "exec") == 0) execl(argv[0], argv[0], "again", NULL);
    if (strcmp(kind, "exec_past_libc") == 0) exec_past_libc((char *[]){argv[0], "again", NULL});
    if (strcmp(kind, "exec_of_none") == 0 &&
        (execl("/no/such/program", "none", NULL) != -1 || errno != ENOENT))
      abort();
    if (strcmp(kind, "vfork") == 0 && (other = vfork()) == 0) execl("/bin/true", "true", NULL), _exit(1);
    if (other != 0 && (waitpid(other, &status, 0) != other || status != 0)) abort();
    if (strcmp(kind, "exit") == 0) exit(0);
    say("done\n");
  }
  wait_for(&set, SIGTERM);
  if (child != 0 && (kill(child, SIGTERM) != 0 || wait(&status) != child || status != 0)) return 4;
  if (wait(&status) != -1) return 5;
  return 0;
}
