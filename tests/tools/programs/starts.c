// SPDX-License-Identifier: MIT
//
// starts HOW [PROGRAM]: a child that holds 1000 bytes and ends in this way, or that becomes PROGRAM. Says
// nothing.
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
    if (program != NULL) execvp(program, words);
    end(how);
  }
  return child;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (strcmp(argv[1], "itself_leaves_bare") == 0) end("leaves_bare");
  const pid_t child = start(argv[1], argv[2]);
  if (child > 0) waitpid(child, NULL, 0);
  return 0;
}
