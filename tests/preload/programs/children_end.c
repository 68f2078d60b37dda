/* SPDX-License-Identifier: MIT
 * A hundred children end while their parent allocates; its SIGCHLD handler takes leave of each: of those that
 * it made, and no other. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t ended, strangers;
static pid_t children[100];

static void take_leave(int number) {
  (void)number;
  const int saved_errno = errno;
  for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0; ++ended) {
    int known = 0;
    for (int i = 0; i < 100; ++i) known |= children[i] == pid;
    if (!known) ++strangers;
  }
  errno = saved_errno;
}

int main(void) {
  struct sigaction action = {.sa_handler = take_leave, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
  sigset_t chld, none;
  sigemptyset(&none);
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  sigaction(SIGCHLD, &action, NULL);
  for (int i = 0; i < 100; ++i) {
    sigprocmask(SIG_BLOCK, &chld, NULL);
    if ((children[i] = fork()) == 0) {
      free(malloc(1000));
      _exit(0);
    }
    sigprocmask(SIG_UNBLOCK, &chld, NULL);
    for (size_t j = 0; j < 1000; ++j) free(malloc(j));
  }
  sigprocmask(SIG_BLOCK, &chld, NULL);
  while (ended < 100) sigsuspend(&none);
  printf("%d ended, %d strangers\n", (int)ended, (int)strangers);
  return 0;
}
