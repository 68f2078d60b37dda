// SPDX-License-Identifier: MIT
#include "base/bare_thread.h"

#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/sys.h"

namespace heapmeter {
namespace {

// glibc's own for pthread_cancel, which sends it to threads it knows, never to a process: with all signals
// blocked in this thread it is nobody's but ours, and a program cannot block, handle or wait for it.
constexpr int kCallSignal = 32;
constexpr uint32_t kNapNs = 50'000;

}  // namespace

// Not by the name clone: a profiler's in libc's place would do in the new thread what needs a thread that
// libc knows.
bool BareThread::start(int own_pid, void (*run)(void *), void *argument, void *stack_end,
                       void **thread_pointer) noexcept {
  pid = own_pid;
  *thread_pointer = thread_pointer;  // as the ABI has it
  const long started =
      sys::clone({.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                           CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
                  .stack_end = stack_end,
                  .run = run,
                  .argument = argument,
                  .parents_word = &tid,
                  .childs_word = &tid,
                  .thread_pointer = thread_pointer});
  if (sys::failed(started)) tid = 0;
  return !sys::failed(started);
}

void BareThread::end(int code) noexcept {
  while (true) sys::call(SYS_exit, code);
}

bool BareThread::call(uint32_t to_tid) const noexcept {
  return !sys::failed(sys::call(SYS_tgkill, pid, static_cast<long>(to_tid), kCallSignal));
}

int BareThread::listen_for_call() noexcept {
  const uint64_t set = uint64_t{1} << (kCallSignal - 1);
  return static_cast<int>(
      sys::call(SYS_signalfd4, -1, reinterpret_cast<long>(&set), sizeof set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void BareThread::take_calls(int descriptor) noexcept {
  signalfd_siginfo call;
  sys::call(SYS_read, descriptor, reinterpret_cast<long>(&call), sizeof call);
}

bool BareThread::wait_gone(uint32_t last_tid, uint32_t milliseconds) const noexcept {
  const auto ended = [&] { return __atomic_load_n(&tid, __ATOMIC_ACQUIRE) != last_tid; };
  const uint64_t give_up_ns = sys::monotonic_ns() + uint64_t{milliseconds} * 1'000'000u;
  while (!ended()) {
    const uint64_t now_ns = sys::monotonic_ns();
    if (now_ns >= give_up_ns) return false;
    sys::futex_wait_for_kernel(&tid, last_tid, static_cast<uint32_t>((give_up_ns - now_ns) / 1'000'000u + 1));
    if (!ended()) sys::sleep_ns(kNapNs);  // where a sandbox refuses the wait
  }
  // The kernel clears the word before it takes the thread from the process's list, and says nothing then.
  // Asleep rather than yielding: it may need the processor that a real-time caller would not let go.
  constexpr int kYields = 8;
  for (int looks = 0; sys::call(SYS_tgkill, pid, static_cast<long>(last_tid), 0) == 0; ++looks) {
    if (looks < kYields) sys::call(SYS_sched_yield);
    if (looks >= kYields) sys::sleep_ns(kNapNs);
  }
  return true;
}

}  // namespace heapmeter
