// SPDX-License-Identifier: MIT
#include "service.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "bare_thread.h"
#include "connection.h"
#include "last_thread.h"
#include "memory_use.h"
#include "options.h"
#include "sandbox.h"
#include "socket_file.h"
#include "sys.h"
#include "text_buffer.h"

namespace heapmeter::service {
namespace {

constexpr size_t kStackBytes = 64 * 1024;
constexpr size_t kLargestAnswer = 2 * 1024 * 1024;  // ten thousand threads; only what is written is resident
constexpr int kConnections = 32;
constexpr uint64_t kNsPerMs = 1'000'000;
constexpr uint64_t kDeafNs = 1000 * kNsPerMs;  // after a failed accept, such as for want of descriptors
constexpr uint64_t kBindPatienceNs = 200 * kNsPerMs;
constexpr uint64_t kFirstLookNs = 50 * kNsPerMs;

// What the thread works with, in one mapping; kept over a fork for the child's own thread.
struct Workplace {
  Connection connections[kConnections];
  char answer[kLargestAnswer];
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
constinit char socket_path[socket_file::kPathRoom] = {};
constinit int bound = 0;
// While the file may be there and `bound` does not say so yet.
constinit int binding = 0;
constinit int connections_used = 0;  // those behind it were never touched

constinit uint64_t deaf_until_ns = 0;
// When to see whether the program is still there.
constinit uint64_t started_ns = 0;
constinit uint64_t look_again_ns = 0;

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

// With all others taken, the place of who was answered longest ago; null when none was.
Connection *place_for_another() noexcept {
  Connection *answered = nullptr;
  for (int i = 0; i < connections_used; ++i) {
    Connection &connection = place->connections[i];
    if (connection.state == Connection::State::kFree) return &connection;
    if (connection.state != Connection::State::kClosing) continue;
    if (answered == nullptr || connection.deadline_ns < answered->deadline_ns) answered = &connection;
  }
  return connections_used < kConnections ? &place->connections[connections_used] : answered;
}

// With no place for another new readers wait in the backlog. One at a time: those who have left meanwhile
// make room first, so that a reader who comes again and again takes one place, not all.
void accept_next(int listener, uint64_t now_ns) noexcept {
  Connection *connection = place_for_another();
  if (connection == nullptr) return;
  const long fd = sys::call(SYS_accept4, listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd == -EINTR || fd == -ECONNABORTED || fd == -EAGAIN) return;
  if (sys::failed(fd)) {
    deaf_until_ns = now_ns + kDeafNs;
    return;
  }
  if (connection == &place->connections[connections_used]) ++connections_used;
  if (connection->state != Connection::State::kFree) connection->close();
  TextBuffer answer(place->answer, sizeof place->answer);
  connection->open(static_cast<int>(fd), answer, now_ns);
  connection->advance(answer, now_ns);  // most send their request at once
}

int64_t min(int64_t a, int64_t b) noexcept { return a < b ? a : b; }

int64_t ms_until(uint64_t deadline_ns, uint64_t now_ns) noexcept {
  const int64_t left = static_cast<int64_t>(deadline_ns - now_ns) / static_cast<int64_t>(kNsPerMs) + 1;
  return left < 0 ? 0 : left;
}

bool deaf(uint64_t now_ns) noexcept { return now_ns < deaf_until_ns; }

// Each look as far ahead as all that went before: a day of idling has twenty, and a program that left
// unnoticed is held on to no longer than it lived.
bool program_is_gone(uint64_t now_ns) noexcept {
  if (now_ns < look_again_ns) return false;
  const uint64_t age_ns = now_ns - started_ns;
  look_again_ns = now_ns + (age_ns > kFirstLookNs ? age_ns : kFirstLookNs);
  return last_thread::program_is_gone();
}

// Milliseconds to the nearest deadline.
int patience(uint64_t now_ns) noexcept {
  constexpr int64_t kMost = 1'000'000'000;
  int64_t nearest = ms_until(look_again_ns, now_ns);
  if (nearest > kMost) nearest = kMost;
  if (deaf(now_ns)) nearest = min(nearest, ms_until(deaf_until_ns, now_ns));
  for (int i = 0; i < connections_used; ++i) {
    const Connection &connection = place->connections[i];
    if (connection.state == Connection::State::kFree) continue;
    nearest = min(nearest, ms_until(connection.deadline_ns, now_ns));
  }
  return static_cast<int>(nearest);
}

// Descriptors, a bit each: the thread has a table of its own, and they are the lowest in it.
struct Descriptors {
  uint64_t to_read = 0;
  uint64_t to_write = 0;

  static constexpr int kMost = 64;
  static uint64_t bit(int fd) noexcept { return uint64_t{1} << fd; }
  bool has(int fd) const noexcept { return ((to_read | to_write) & bit(fd)) != 0; }
};
static_assert(kConnections + 8 <= Descriptors::kMost,
              "the listener, the call, and what is open for a moment");

// Not by poll, which refuses more descriptors than the program's limit would let it open by now.
long wait_until_ready(int listener, int call, uint64_t now_ns, Descriptors &ready) noexcept {
  ready = {Descriptors::bit(call), 0};
  for (int i = 0; i < connections_used; ++i) {
    const Connection &connection = place->connections[i];
    if (connection.state == Connection::State::kFree) continue;
    (connection.sends() ? ready.to_write : ready.to_read) |= Descriptors::bit(connection.fd);
  }
  if (place_for_another() != nullptr && !deaf(now_ns)) ready.to_read |= Descriptors::bit(listener);
  const int wait_ms = patience(now_ns);
  timespec limit{wait_ms / 1000, (wait_ms % 1000) * static_cast<long>(kNsPerMs)};
  const long count = sys::call(SYS_pselect6, Descriptors::kMost, reinterpret_cast<long>(&ready.to_read),
                               reinterpret_cast<long>(&ready.to_write), 0, reinterpret_cast<long>(&limit), 0);
  if (count <= 0) ready = {};
  return count;
}

// When someone knocks, also those of whose leaving the list may not tell yet: he may be one of them, come
// again.
void advance_all(const Descriptors &ready, bool knocks, uint64_t now_ns) noexcept {
  TextBuffer answer(place->answer, sizeof place->answer);
  for (int i = 0; i < connections_used; ++i) {
    Connection &connection = place->connections[i];
    if (connection.state == Connection::State::kFree) continue;
    const bool may_have_left = knocks && connection.state == Connection::State::kClosing;
    if (may_have_left || ready.has(connection.fd)) connection.advance(answer, now_ns);
    if (connection.state != Connection::State::kFree && now_ns >= connection.deadline_ns) {
      connection.expire(answer, now_ns);
    }
  }
}

void serve(int listener, int call) noexcept {
  while (!must_end()) {
    Descriptors ready;
    const long count = wait_until_ready(listener, call, sys::monotonic_ns(), ready);
    if (count < 0 && count != -EINTR) return;
    const uint64_t now_ns = sys::monotonic_ns();
    if (program_is_gone(now_ns)) return;
    const bool knocks = ready.has(listener);
    // Anyone with the right to may have called.
    if (ready.has(call)) BareThread::take_calls(call);
    advance_all(ready, knocks, now_ns);
    if (knocks) accept_next(listener, now_ns);
  }
}

// Who exits meanwhile waits until it is known whether there is a file: see at_exit.
int bind_unless_ending() noexcept {
  __atomic_store_n(&binding, sys::pid(), __ATOMIC_SEQ_CST);
  int listener = -1;
  if (__atomic_load_n(&ending, __ATOMIC_SEQ_CST) == 0) {
    listener = socket_file::listen_at(options::get().directory, socket_path);
    if (listener >= 0) __atomic_store_n(&bound, sys::pid(), __ATOMIC_SEQ_CST);
  }
  __atomic_store_n(&binding, 0, __ATOMIC_SEQ_CST);
  return listener;
}

bool binding_here() noexcept { return __atomic_load_n(&binding, __ATOMIC_SEQ_CST) == sys::pid(); }

// Not for ever: a directory may hang, and the program's exit must not.
void wait_while_binding() noexcept {
  if (!binding_here()) return;
  const uint64_t give_up_ns = sys::monotonic_ns() + kBindPatienceNs;
  while (binding_here() && sys::monotonic_ns() < give_up_ns) sys::call(SYS_sched_yield);
}

void bind_and_serve() noexcept {
  sys::call(SYS_prctl, PR_SET_NAME, reinterpret_cast<long>("heapmeter"));
  const bool sandboxed = sandbox::here();
  if (!sandboxed && take_own_descriptors() != 0) return;
  // Short-lived processes never touch the file system.
  sys::futex_wait(&ending, 0, HEAPMETER_BIND_DELAY_MS);
  if (sandboxed && (must_end() || !sandbox::lets_serve() || take_own_descriptors() != 0)) return;
  if (must_end() || program_is_gone(sys::monotonic_ns())) return;
  const int call = BareThread::listen_for_call();
  const int listener = bind_unless_ending();
  if (listener < 0 || call < 0) return;
  serve(listener, call);
  // In this order: whoever exits in between removes it, too, and finds nothing.
  socket_file::remove(socket_path);
  __atomic_store_n(&bound, 0, __ATOMIC_RELEASE);
}

int run(void *) noexcept {
  started_ns = look_again_ns = sys::monotonic_ns();
  bind_and_serve();
  return last_thread::program_is_gone() ? last_thread::exit_code() : 0;
}

bool make_place() noexcept {
  if (place == nullptr) {
    place = static_cast<Workplace *>(sys::map(sizeof(Workplace)));
    if (place == nullptr) return false;
    memory_use::service = {place, sizeof(Workplace)};
  }
  // Fresh memory is zero, which is a free connection; touching all of it would cost every start dozens of
  // pages.
  for (int i = 0; i < connections_used; ++i) place->connections[i].forget();
  connections_used = 0;
  return true;
}

}  // namespace

namespace {

void start_thread() noexcept {
  // One that was asked to end and has not yet still needs its stack.
  if (retired || !options::get().serve || thread.running_here() || !make_place()) return;
  __atomic_store_n(&ending, 0, __ATOMIC_RELEASE);
  deaf_until_ns = 0;
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
  if (thread.pid == sys::pid()) {
    __atomic_store_n(&ending, 1, __ATOMIC_SEQ_CST);
    wait_while_binding();
  }
  // A vfork child, or one that got past our fork handlers, must not remove its parent's.
  if (__atomic_load_n(&bound, __ATOMIC_SEQ_CST) == sys::pid()) socket_file::remove(socket_path);
}

void after_fork() noexcept {
  __atomic_store_n(&binding, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&bound, 0, __ATOMIC_RELEASE);
  thread.tid = 0;
  pauses = 0;
  turn_taken = 0;
}

}  // namespace heapmeter::service
