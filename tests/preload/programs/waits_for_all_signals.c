/* SPDX-License-Identifier: MIT
 * Blocks and awaits every signal there is, by sigtimedwait and by a descriptor: none comes that nobody sent,
 * and all that were sent come, to the process and to the thread. Then pause() sleeps until its alarm. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void wake(int number) { (void)number; }

int main(void) {
  sigset_t all;
  const struct timespec a_while = {0, 300000000};
  struct signalfd_siginfo info;
  int strangers = 0, received = 0;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  strangers += sigtimedwait(&all, NULL, &a_while) > 0;
  for (int number = 1; number <= SIGRTMAX; ++number) {
    if (number == SIGKILL || number == SIGSTOP || number == 32 || number == 33) continue;
    if (number % 2 == 0) kill(getpid(), number);
    if (number % 2 == 1) raise(number);
    free(malloc((size_t)number * 100));
    received += sigwaitinfo(&all, NULL) == number;
  }
  const int descriptor = signalfd(-1, &all, 0);
  struct pollfd ready = {.fd = descriptor, .events = POLLIN};
  strangers += poll(&ready, 1, 100) != 0;
  kill(getpid(), SIGHUP);
  received += poll(&ready, 1, 10000) == 1 && read(descriptor, &info, sizeof info) == sizeof info &&
              info.ssi_signo == SIGHUP;
  signal(SIGALRM, wake);
  sigdelset(&all, SIGALRM);
  sigprocmask(SIG_SETMASK, &all, NULL);
  ualarm(300000, 0);
  const int woken = pause();
  printf("strangers %d, received %d, pause %d, alarm left %u\n", strangers, received, woken, alarm(0));
  return 0;
}
