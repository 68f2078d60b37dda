// SPDX-License-Identifier: MIT
#include "service/thread.h"

#include <linux/close_range.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "base/bare_thread.h"
#include "base/last_thread.h"
#include "base/memory_use.h"
#include "base/options.h"
#include "base/rights.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "base/task_limit.h"
#include "books/thread_state.h"
#include "service/life.h"
#include "service/readers.h"
#include "service/socket_file.h"

namespace heapmeter::service {
namespace {

constexpr size_t kStackBytes = 63 * 1024;

// The page is zero in a forked child, however it was made: by a bare clone, too, and into a pid namespace
// where it has the same pid.
struct MadeHere {
  uint32_t made_here;
};
struct Work {
  // One page has what a thread that soon ends again touches: where its stack begins, and what lies behind.
  char stack[kStackBytes];
  alignas(64) void *thread_pointer[16];
  Readers readers;
};
// What the thread works with, in one mapping; kept over a fork for the child's own thread.
struct Workplace : sys::WithRestOfPage<MadeHere>, sys::WithRestOfPage<Work> {};

constinit Workplace *place = nullptr;
constinit int made_by = 0;
constinit BareThread thread = {};
// What the thread may do: what its starter might. Known once it has looked.
constinit Rights held = {};
constinit bool held_known = false;

bool start_thread(uint32_t number) noexcept;
void look_at_itself() noexcept;
bool running() noexcept { return __atomic_load_n(&thread.tid, __ATOMIC_ACQUIRE) != 0; }
void see_off() noexcept;
constinit Life life({start_thread, running, see_off});

// Not so in a vfork child, which shares this memory but is another process.
bool made_here() noexcept {
  return place != nullptr && __atomic_load_n(&place->made_here, __ATOMIC_RELAXED) != 0 &&
         made_by == sys::pid();
}

int take_own_descriptors() noexcept {
  // The new table keeps what lies outside the range: nothing.
  return static_cast<int>(sys::call(SYS_close_range, 0, ~0U, CLOSE_RANGE_UNSHARE));
}

void bind_and_serve(const Ending &ending, last_thread::Watch &watch) noexcept {
  sys::call(SYS_prctl, PR_SET_NAME, reinterpret_cast<long>("heapmeter"));
  const bool sandboxed = sandbox::was_there();
  if (!sandboxed) look_at_itself();
  if (!sandboxed && take_own_descriptors() != 0) return;
  // Short-lived processes never touch the file system.
  ending.wait(HEAPMETER_BIND_DELAY_MS);
  if (sandbox::came_up()) return life.give_up();
  if (sandboxed && !ending.now() && options::get().report != nullptr) sandbox::find_out_about_report();
  if (sandboxed && (ending.now() || !sandbox::lets_serve() || take_own_descriptors() != 0)) return;
  if (ending.now() || !watch.due(sys::monotonic_ns()) || last_thread::program_is_gone()) return;
  if (sandboxed) look_at_itself();
  if (task_limit::few()) return;
  const int call = BareThread::listen_for_call();
  if (call < 0) return;
  const int listener = socket_file::open(options::get().directory, ending);
  if (listener < 0) return;
  place->readers.serve(listener, call, ending, watch);
  // Its file stays; readers take it for a dead process's.
  if (sandbox::came_up()) return life.give_up();
  socket_file::remove();
  // This thread may stay, and must keep no reader waiting: the table is its own.
  sys::call(SYS_close_range, 0, ~0U, 0);
}

// Who leaves last says the process's exit code. At an exit the process takes us with it, unless its last
// destructor leaves by the bare exit system call: then we must not be on our way, too, but wait until it has
// left. Only while that can be seen and waited for: else the process would never end, or we would spin.
bool is_last() noexcept {
  constexpr uint32_t kMostMs = 1u << 20;
  if (life.given_up()) return false;
  for (uint32_t ms = 1; !last_thread::program_is_gone(); ms = ms < kMostMs ? 2 * ms : ms) {
    const uint64_t before_ns = sys::monotonic_ns();
    if (!life.stays(ms) || sandbox::came_up()) return false;
    const bool waited = sys::monotonic_ns() - before_ns >= uint64_t{ms} * 500'000;
    if (!waited || !last_thread::can_tell()) return false;
  }
  return true;
}

void run(void *number) noexcept {
  last_thread::Watch watch(sys::monotonic_ns());
  bind_and_serve(life.ending(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(number))), watch);
  BareThread::end(is_last() ? last_thread::exit_code() : 0);
}

bool make_place() noexcept {
  if (place == nullptr) {
    place = static_cast<Workplace *>(sys::map_stack(sizeof(Workplace)));
    if (place == nullptr) return false;
    memory_use::service = {place, sizeof(Workplace)};
    memory_use::service_thread = &thread.tid;
    sys::wipe_on_fork(&place->made_here, sys::page_bytes());
  } else {
    place->readers.forget();
  }
  made_by = sys::pid();
  __atomic_store_n(&place->made_here, 1, __ATOMIC_RELAXED);
  return true;
}

bool start_thread(uint32_t number) noexcept {
  if (sandbox::came_up()) {
    life.give_up();
    return false;
  }
  if (!make_place() || task_limit::few_at_start()) return false;
  __atomic_store_n(&held_known, false, __ATOMIC_RELAXED);
  // Signals are blocked: the life has its turn.
  return thread.start(made_by, run, reinterpret_cast<void *>(uintptr_t{number}), place->stack + kStackBytes,
                      place->thread_pointer);
}

// Not before it is known that a sandbox lets it.
void look_at_itself() noexcept {
  held = Rights::of_this_thread();
  __atomic_store_n(&held_known, true, __ATOMIC_RELEASE);
}

bool regained(Rights::Ids changed) noexcept {
  return __atomic_load_n(&held_known, __ATOMIC_ACQUIRE) && held.regained_by_this_thread(changed);
}

void see_off() noexcept {
  constexpr uint32_t kPatienceMs = 10'000;
  const uint32_t tid = __atomic_load_n(&thread.tid, __ATOMIC_ACQUIRE);
  if (tid == 0 || !thread.call(tid)) return;
  // However long it takes to get a processor. But the directory of its socket may hang, by this program's own
  // doing, too.
  while (!thread.wait_gone(tid, kPatienceMs)) {
    if (socket_file::opening()) return;
  }
}

}  // namespace

void start() noexcept {
  if (!options::get().serve) return;
  life.start();
}

bool borrowed() noexcept { return place != nullptr && !made_here(); }

// Without a place it is told by the thread's slot, whose number is noted anew in a forked child: in a vfork
// child it is the parent's. A thread made by the bare instruction leads no process. Who was seen to forbid
// itself calls may have forbidden the questions.
bool memory_is_borrowed() noexcept {
  if (place != nullptr || sandbox::was_entered()) return borrowed();
  const Slot *slot = threads::own_slot();
  if (slot == nullptr) return false;
  const int tid = sys::tid();
  return slot->tid != tid && tid == sys::pid();
}

bool pause() noexcept {
  if (!made_here()) return false;
  life.pause();
  return true;
}

void resume() noexcept { life.resume(); }

void give_up() noexcept { life.give_up(); }

void follow_ids(Rights::Ids changed, bool all_threads) noexcept {
  if (!running() || regained(changed) || !made_here()) return;
  // The rest of the program keeps what one thread gives up.
  if (!all_threads && sys::tid() != sys::pid() && !last_thread::leader_is_gone()) return;
  life.renew();
}

void task_limit_changed() noexcept {
  if (!made_here()) return;
  if (task_limit::few_at_start()) return life.renew();  // which finds no room for another
  life.start();
}

void thread_leaves() noexcept {
  if (running() && made_here() && last_thread::leaving()) life.pause();
}

void at_exit() noexcept {
  // In a sandbox no system call of ours may be allowed.
  if (place == nullptr || life.given_up() || sandbox::came_up() || !made_here()) return;
  // A thread that still waits to bind must not leave a file behind us.
  life.close();
  socket_file::remove_at_exit();
}

void after_fork() noexcept {
  socket_file::after_fork();
  thread.tid = 0;
  life.after_fork();
}

}  // namespace heapmeter::service
