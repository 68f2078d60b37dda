// SPDX-License-Identifier: MIT
//
// starts HOW [PROGRAM]: a child that holds 1000 bytes and ends in this way, or that becomes PROGRAM. Says
// nothing.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void end(const char *how) {
  if (malloc(1000) == NULL) abort();
  if (strcmp(how, "leaves") == 0) _exit(0);
  if (strcmp(how, "leaves_bare") == 0) syscall(SYS_exit_group, 0);
  if (strcmp(how, "is_killed") == 0) raise(SIGKILL);
  exit(0);
}

static int ends_killed(void *ignored) {
  (void)ignored;
  end("is_killed");
  return 0;
}

static pid_t copy(const char *how) {
  static char stack[64 << 10];
  if (strcmp(how, "clones") == 0) return clone(ends_killed, stack + sizeof stack, SIGCHLD, NULL);
  const pid_t child =
      strcmp(how, "copies") == 0 ? _Fork() : (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0) end("is_killed");
  return child;
}

static void become(const char *how, char *program, char **words) {
  const int file = open(program, O_RDONLY | O_CLOEXEC);
  if (strcmp(how, "by_descriptor") == 0) fexecve(file, words, environ);
  if (strcmp(how, "at_descriptor") == 0) execveat(file, "", words, environ, AT_EMPTY_PATH);
  if (strcmp(how, "at_descriptor_bare") == 0) syscall(SYS_execveat, file, "", words, environ, AT_EMPTY_PATH);
  if (strcmp(how, "below_folder") == 0)
    execveat(open("/", O_PATH | O_CLOEXEC), program + 1, words, environ, 0);
  execvp(program, words);
}

static pid_t start(const char *how, char *program) {
  char *words[] = {program, NULL};
  pid_t child = -1;
  if (strcmp(how, "spawns") == 0) {
    posix_spawn(&child, program, NULL, NULL, words, environ);
  } else if (strcmp(how, "vforks") == 0) {
    child = vfork();
    if (child == 0) {
      execl(program, program, (char *)NULL);
      _exit(0);
    }
  } else if ((child = fork()) == 0) {
    if (program != NULL) become(how, program, words);
    end(how);
  }
  return child;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (strcmp(argv[1], "itself_leaves_bare") == 0) end("leaves_bare");
  const pid_t child = strcmp(argv[1], "clones") == 0 || strncmp(argv[1], "copies", 6) == 0
                          ? copy(argv[1])
                          : start(argv[1], argv[2]);
  if (child > 0) waitpid(child, NULL, 0);
  return 0;
}
