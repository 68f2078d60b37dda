/* SPDX-License-Identifier: MIT
 * amid_look KIND: holds 200,000 blocks, says "ready", and at SIGUSR1 does what KIND says, then "done":
 * unshare (what demands a process of one thread), sandbox (sets one up), fork (the child lives on until
 * SIGTERM), by FUNCTION (executes this program anew, as KIND "again", by that one of the exec family),
 * exec_past_libc (likewise, by the bare instruction), exec_of_none (no such program), vfork (whose child
 * executes another), start FUNCTION (another program by that one, and waits for it), exit. Otherwise it ends
 * well on SIGTERM. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
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

static void *exec_in_thread(void *arguments) {
  char **list = arguments;
  execv(list[0], list);
  abort();
}

static void exec_by(const char *function, char **list) {
  char *path = list[0];
  pthread_t thread;
  if (strcmp(function, "execl") == 0) execl(path, path, "again", NULL);
  if (strcmp(function, "execlp") == 0) execlp(path, path, "again", NULL);
  if (strcmp(function, "execle") == 0) execle(path, path, "again", NULL, environ);
  if (strcmp(function, "execv") == 0) execv(path, list);
  if (strcmp(function, "execvp") == 0) execvp(path, list);
  if (strcmp(function, "execve") == 0) execve(path, list, environ);
  if (strcmp(function, "execvpe") == 0) execvpe(path, list, environ);
  if (strcmp(function, "fexecve") == 0) fexecve(open(path, O_RDONLY | O_CLOEXEC), list, environ);
  if (strcmp(function, "execveat") == 0) execveat(AT_FDCWD, path, list, environ, 0);
  if (strcmp(function, "execveat_of_descriptor") == 0)
    execveat(open(path, O_RDONLY | O_CLOEXEC), "", list, environ, AT_EMPTY_PATH);
  if (strcmp(function, "syscall_execve") == 0) syscall(SYS_execve, path, list, environ);
  if (strcmp(function, "syscall_execveat") == 0) syscall(SYS_execveat, AT_FDCWD, path, list, environ, 0);
  if (strcmp(function, "execv_in_a_thread") == 0 && pthread_create(&thread, NULL, exec_in_thread, list) == 0)
    pthread_join(thread, NULL);
  if (strcmp(function, "execl_of_many") == 0) {
    const char *x = "x";
    execl(path, path, "again", x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, NULL);
  }
  abort();
}

static void start_by(const char *function) {
  char *list[] = {"true", NULL};
  pid_t child = 0;
  int status = 0;
  if (strcmp(function, "posix_spawn") == 0 &&
      posix_spawn(&child, "/bin/true", NULL, NULL, list, environ) != 0)
    abort();
  if (strcmp(function, "posix_spawnp") == 0 && posix_spawnp(&child, "true", NULL, NULL, list, environ) != 0)
    abort();
  if (strcmp(function, "fork") == 0 && (child = fork()) == 0) execv("/bin/true", list), _exit(1);
  if (child != 0) {
    if (waitpid(child, &status, 0) != child || status != 0) abort();
  } else if (strcmp(function, "system") == 0) {
    if (system("true") != 0) abort();
  } else {
    FILE *stream = popen("true", "r");
    if (stream == NULL || pclose(stream) != 0) abort();
  }
}

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "", *function = argc > 2 ? argv[2] : "";
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
    if (strcmp(kind, "exec_past_libc") == 0) exec_past_libc((char *[]){argv[0], "again", NULL});
    if (strcmp(kind, "exec_of_none") == 0 &&
        (execl("/no/such/program", "none", NULL) != -1 || errno != ENOENT))
      abort();
    if (strcmp(kind, "vfork") == 0 && (other = vfork()) == 0) execl("/bin/true", "true", NULL), _exit(1);
    if (other != 0 && (waitpid(other, &status, 0) != other || status != 0)) abort();
    if (strcmp(kind, "by") == 0) exec_by(function, (char *[]){argv[0], "again", NULL});
    if (strcmp(kind, "start") == 0) start_by(function);
    if (strcmp(kind, "exit") == 0) exit(0);
    say("done\n");
  }
  wait_for(&set, SIGTERM);
  if (child != 0 && (kill(child, SIGTERM) != 0 || wait(&status) != child || status != 0)) return 4;
  if (wait(&status) != -1) return 5;
  return 0;
}
