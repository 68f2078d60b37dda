// SPDX-License-Identifier: MIT
// Held by the kernel only, to be had back from it: user data of epoll, values of timers; and what is on its
// way through a pipe.
#include <linux/io_uring.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

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

__attribute__((noinline)) void hold_by_pending_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN + 3);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  sigval value = {};
  value.sival_ptr = make(5507);
  if (pthread_sigqueue(pthread_self(), SIGRTMIN + 3, value) != 0) return;
  expect("on_its_way_by_a_signal", 5507, "hidden", 1, 0);
}
// Where the ring can be had at all: user data of a request that is under way.
__attribute__((noinline)) void hold_by_ring() {
  io_uring_params parameters = {};
  const auto ring = static_cast<int>(syscall(SYS_io_uring_setup, 4, &parameters));
  if (ring < 0) return;
  char *rings = static_cast<char *>(mmap(nullptr, parameters.sq_off.array + parameters.sq_entries * 4,
                                         PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING));
  auto *requests =
      static_cast<io_uring_sqe *>(mmap(nullptr, parameters.sq_entries * sizeof(io_uring_sqe),
                                       PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES));
  int ends[2];
  static char byte;
  if (rings == MAP_FAILED || requests == MAP_FAILED || pipe(ends) != 0) return;
  requests[0] = {};
  requests[0].opcode = IORING_OP_READ;
  requests[0].fd = ends[0];
  requests[0].addr = reinterpret_cast<uintptr_t>(&byte);
  requests[0].len = 1;
  requests[0].user_data = reinterpret_cast<uintptr_t>(make(5509));
  reinterpret_cast<unsigned *>(rings + parameters.sq_off.array)[0] = 0;
  __atomic_store_n(reinterpret_cast<unsigned *>(rings + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 0, 0, nullptr, 0) != 1) return;
  // The place of the request still has it, until another is there.
  expect("request_under_way_in_a_ring", 5509, "held");
}

}  // namespace

void hold_in_kernel() {
  hold_by_epoll();
  hold_by_timer();
  hold_by_pipe();
  hold_by_pending_signal();
  hold_by_ring();
}

}  // namespace leak_case
