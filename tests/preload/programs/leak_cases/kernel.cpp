// SPDX-License-Identifier: MIT
// Held by the kernel only, to be had back from it: user data of epoll, values of timers; and what is on its
// way through a pipe.
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "leak_case.h"

namespace leak_case {
namespace {

__attribute__((noinline)) void hold_by_epoll() {
  int ends[2];
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (pipe(ends) != 0) return;
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.ptr = make(5501);
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
  expect("epoll", 5501, "held");
}
__attribute__((noinline)) void hold_by_timer() {
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  event.sigev_value.sival_ptr = make(5503);
  timer_t timer;
  timer_create(CLOCK_MONOTONIC, &event, &timer);
  expect("timer", 5503, "held");
}
__attribute__((noinline)) void hold_by_pipe() {
  int ends[2];
  void *block = make(5505);
  if (pipe(ends) != 0 || write(ends[1], &block, sizeof block) != sizeof block) return;
  block = nullptr;
  expect("on_its_way_through_a_pipe", 5505, "hidden", 1, 0);
}

}  // namespace

void hold_in_kernel() {
  hold_by_epoll();
  hold_by_timer();
  hold_by_pipe();
}

}  // namespace leak_case
