// SPDX-License-Identifier: MIT
#include "service/thread.h"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/bare_thread.h"
#include "base/last_thread.h"
#include "base/memory_use.h"
#include "base/options.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "service/readers.h"
#include "service/socket_file.h"

namespace heapmeter::service {
namespace {

constexpr size_t kStackBytes = 64 * 1024;

// What the thread works with, in one mapping; kept over a fork for the child's own thread.
struct Workplace {
  Readers readers;
  alignas(64) void *thread_pointer[16];
  alignas(64) char stack[kStackBytes];
};

constinit Workplace *place = nullptr;
constinit BareThread thread = {};
// The thread is asked to end by this word, and called so that it looks.
constinit uint32_t ending = 0;
constinit int pauses = 0;
constinit uint32_t turn_taken = 0;
constinit bool retired = false;

// One at a time may stop or start the thread. Signals wait: a handler that came here too would wait for ever.
class Turn {
 public:
  Turn() noexcept {
    const uint64_t all = ~uint64_t{0};
    sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), reinterpret_cast<long>(&mask_),
              sizeof all);
    while (__atomic_exchange_n(&turn_taken, 1, __ATOMIC_ACQUIRE) != 0) sys::call(SYS_sched_yield);
  }
  ~Turn() noexcept {
    __atomic_store_n(&turn_taken, 0, __ATOMIC_RELEASE);
    sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&mask_), 0, sizeof mask_);
  }
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;

 private:
  uint64_t mask_ = 0;
};

bool must_end() noexcept { return __atomic_load_n(&ending, __ATOMIC_ACQUIRE) != 0; }

int take_own_descriptors() noexcept {
  // The new table keeps what lies outside the range: nothing.
  return static_cast<int>(sys::call(SYS_close_range, 0, ~0U, CLOSE_RANGE_UNSHARE));
}

void bind_and_serve(last_thread::Watch &watch) noexcept {
  sys::call(SYS_prctl, PR_SET_NAME, reinterpret_cast<long>("heapmeter"));
  const bool sandboxed = sandbox::here();
  if (!sandboxed && take_own_descriptors() != 0) return;
  // Short-lived processes never touch the file system.
  sys::futex_wait(&ending, 0, HEAPMETER_BIND_DELAY_MS);
  if (sandboxed && (must_end() || !sandbox::lets_serve() || take_own_descriptors() != 0)) return;
  if (must_end() || watch.program_is_gone(sys::monotonic_ns())) return;
  const int call = BareThread::listen_for_call();
  if (call < 0) return;
  const int listener = socket_file::open(options::get().directory, ending);
  if (listener < 0) return;
  place->readers.serve(listener, call, ending, watch);
  socket_file::remove();
}

int run(void *) noexcept {
  last_thread::Watch watch(sys::monotonic_ns());
  bind_and_serve(watch);
  return last_thread::program_is_gone() ? last_thread::exit_code() : 0;
}

bool make_place() noexcept {
  if (place != nullptr) {
    place->readers.forget();
    return true;
  }
  place = static_cast<Workplace *>(sys::map_stack(sizeof(Workplace)));
  if (place == nullptr) return false;
  memory_use::service = {place, sizeof(Workplace)};
  return true;
}

void start_thread() noexcept {
  // One that was asked to end and has not yet still needs its stack.
  if (retired || !options::get().serve || thread.running_here() || !make_place()) return;
  __atomic_store_n(&ending, 0, __ATOMIC_RELEASE);
  thread.start(run, place->stack + kStackBytes, place->thread_pointer);
}

}  // namespace

void start() noexcept {
  const Turn turn;
  start_thread();
}

void pause() noexcept {
  if (thread.pid != sys::pid()) return;
  const Turn turn;
  ++pauses;
  const uint32_t tid = __atomic_load_n(&thread.tid, __ATOMIC_ACQUIRE);
  if (tid == 0) return;
  __atomic_store_n(&ending, 1, __ATOMIC_RELEASE);
  sys::futex_wake(&ending);
  thread.call(tid);
  thread.wait_gone(tid);
}

void resume() noexcept {
  if (thread.pid != sys::pid()) return;
  const Turn turn;
  if (--pauses == 0) start_thread();
}

void retire() noexcept {
  // A vfork child that sandboxes itself before its exec shares this memory: its parent goes on being served.
  if (thread.pid != sys::pid()) return;
  pause();
  retired = true;
}

void thread_leaves() noexcept {
  if (thread.running_here() && last_thread::leaving()) pause();
}

void at_exit() noexcept {
  // In a sandbox no system call of ours may be allowed.
  if (retired) return;
  // A thread that still waits to bind must not leave a file behind us.
  if (thread.pid == sys::pid()) __atomic_store_n(&ending, 1, __ATOMIC_SEQ_CST);
  socket_file::remove_at_exit();
}

void after_fork() noexcept {
  socket_file::after_fork();
  thread.tid = 0;
  pauses = 0;
  turn_taken = 0;
}

}  // namespace heapmeter::service
