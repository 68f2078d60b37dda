/* SPDX-License-Identifier: MIT
 * polls [again]: loses forty blocks of 333 bytes while another thread waits in epoll_wait, for good or again
 * and again. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lose.h"

static int wait_ms = -1;

static void *poll_events(void *unused) {
  const int none = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event;
  for (;;) epoll_wait(none, &event, 1, wait_ms);
  return unused;
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) wait_ms = 1;
  pthread_t thread;
  if (pthread_create(&thread, NULL, poll_events, NULL) != 0) return 2;
  lose();
  scrub();
  if (write(1, "ready\n", 6) != 6) return 1;
  for (;;) pause();
}
