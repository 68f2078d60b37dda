/* SPDX-License-Identifier: MIT
 * A program without children, or with one that only sleeps, asks in every way there is whether one has ended,
 * stopped or gone on; and waits for the end of all in a thread. argv[1]: childless, ignoring (SIGCHLD),
 * no_zombies (SA_NOCLDWAIT), subreaper, parent. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "until_sigterm.h"

static volatile sig_atomic_t sigchld_came;
static void note_sigchld(int number) {
  (void)number;
  sigchld_came = 1;
}

/* Nobody: no child at all, or none to tell of. */
static int is_nobody(long result) { return result == 0 || (result < 0 && errno == ECHILD); }

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "childless";
  struct sigaction action = {.sa_handler = strcmp(kind, "ignoring") == 0 ? SIG_IGN : note_sigchld};
  if (strcmp(kind, "no_zombies") == 0) action.sa_flags = SA_NOCLDWAIT;
  sigaction(SIGCHLD, &action, NULL);
  if (strcmp(kind, "subreaper") == 0) prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t own = strcmp(kind, "parent") == 0 ? fork() : 0;
  if (own == 0 && strcmp(kind, "parent") == 0) {
    while (1) pause();
  }
  ready_for_sigterm();
  long seen = 0;
  while (!sigterm_came) {
    siginfo_t info = {0};
    seen += !is_nobody(waitpid(-1, NULL, WNOHANG | WUNTRACED | WCONTINUED));
    seen += !is_nobody(waitpid(0, NULL, WNOHANG));
    seen +=
        !is_nobody(waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG)) || info.si_pid != 0;
    seen +=
        !is_nobody(waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED | WNOHANG | WNOWAIT)) || info.si_pid != 0;
  }
  printf("%ld ends seen, SIGCHLD: %d\n", seen, (int)sigchld_came);
  if (own == 0) return 0;
  kill(own, SIGKILL);
  printf("its own: %d\n", wait(NULL) == own && wait(NULL) < 0 && errno == ECHILD);
  return 0;
}
