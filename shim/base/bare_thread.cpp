// SPDX-License-Identifier: MIT
#include "base/bare_thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/search_order.h"
#include "base/sys.h"

namespace heapmeter {
namespace {

constexpr uint64_t kPatienceNs = 200'000'000;
// glibc's own for pthread_cancel, which sends it to threads it knows, never to a process: with all signals
// blocked in this thread it is nobody's but ours, and a program cannot block, handle or wait for it.
constexpr int kCallSignal = 32;

// Libc's own: a profiler's in its place would do in the new thread what needs a thread that libc knows.
auto *libcs_clone() noexcept {
  auto *found = reinterpret_cast<decltype(clone) *>(search_order::in_libc("clone"));
  return found != nullptr ? found : clone;
}

}  // namespace

bool BareThread::start(int (*run)(void *), void *stack_end, void **thread_pointer) noexcept {
  constexpr int kFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                         CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  const uint64_t all = ~uint64_t{0};
  uint64_t before = 0;
  const int saved_errno = errno;
  sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), reinterpret_cast<long>(&before),
            sizeof all);
  pid = sys::pid();
  *thread_pointer = thread_pointer;  // as the ABI has it
  const bool started =
      libcs_clone()(run, stack_end, kFlags, nullptr, &tid, static_cast<void *>(thread_pointer), &tid) > 0;
  sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&before), 0, sizeof before);
  errno = saved_errno;
  if (!started) tid = 0;
  return started;
}

bool BareThread::running_here() const noexcept {
  return __atomic_load_n(&tid, __ATOMIC_ACQUIRE) != 0 && pid == sys::pid();
}

void BareThread::call(uint32_t to_tid) const noexcept {
  sys::call(SYS_tgkill, pid, static_cast<long>(to_tid), kCallSignal);
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

bool BareThread::wait_gone(uint32_t last_tid) const noexcept {
  // The word is cleared before the thread leaves the process's list, so ask for the thread itself.
  const uint64_t give_up = sys::monotonic_ns() + kPatienceNs;
  while (sys::call(SYS_tgkill, pid, static_cast<long>(last_tid), 0) != -ESRCH) {
    if (sys::monotonic_ns() > give_up) return false;
    sys::call(SYS_sched_yield);
  }
  return true;
}

}  // namespace heapmeter
