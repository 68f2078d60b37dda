/* SPDX-License-Identifier: MIT
 * Waits in calls that a signal would interrupt, and in those that say EINTR for the mere stopping of a
 * thread; with a handler for every signal that can have one. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "until_sigterm.h"

static volatile sig_atomic_t signals;
static void note(int number) {
  (void)number;
  ++signals;
}

int main(void) {
  for (int number = 1; number <= SIGRTMAX; ++number) {
    if (number == SIGTERM || number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE)
      continue;
    struct sigaction action = {.sa_handler = note};
    sigaction(number, &action, NULL);
  }
  int ends[2];
  const int epoll = epoll_create1(0);
  const struct timeval little = {0, 5000};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
  setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &little, sizeof little);
  sem_t never;
  sem_init(&never, 0, 0);
  sigset_t none;
  sigemptyset(&none);
  ready_for_sigterm();
  long interrupted = 0;
  while (!sigterm_came) {
    const struct timespec short_time = {0, 5000000};
    struct timespec soon;
    struct epoll_event event;
    char byte;
    const int before = sigterm_came;
    int came = 0;
    came += nanosleep(&short_time, NULL) < 0 && errno == EINTR;
    came += poll(NULL, 0, 5) < 0 && errno == EINTR;
    came += epoll_wait(epoll, &event, 1, 5) < 0 && errno == EINTR;
    came += recv(ends[0], &byte, 1, 0) < 0 && errno == EINTR;
    came += sigtimedwait(&none, NULL, &short_time) < 0 && errno == EINTR;
    clock_gettime(CLOCK_REALTIME, &soon);
    if ((soon.tv_nsec += 5000000) >= 1000000000) soon.tv_nsec -= 1000000000, ++soon.tv_sec;
    came += sem_timedwait(&never, &soon) < 0 && errno == EINTR;
    if (before == sigterm_came) interrupted += came; /* SIGTERM itself may */
  }
  printf("%ld calls interrupted, %d signals\n", interrupted, (int)signals);
  return 0;
}
