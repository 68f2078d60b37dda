// SPDX-License-Identifier: MIT
#include "books/thread_state.h"

#include <limits.h>
#include <pthread.h>

#include "base/sys.h"
#include "books/deserted.h"
#include "books/ledger.h"
#include "books/meter.h"
#include "books/vanished.h"

namespace heapmeter::threads {
namespace {

constinit SlotHead stand_in = {ledger::empty_directory};

constinit pthread_key_t exit_key = 0;
constinit bool watching = false;
// Forks between the first process and this one.
constinit uint32_t generation = 0;

// Destructors of other keys, and of the allocator underneath, still allocate and free: put off to the last of
// the rounds that glibc makes, so that most of it still goes to the thread's own slot.
constexpr uintptr_t kLastRound = PTHREAD_DESTRUCTOR_ITERATIONS - 1;

constexpr uint8_t kFirstFrees = 16;

void thread_ends(void *round) {
  const auto this_round = reinterpret_cast<uintptr_t>(round);
  if (this_round < kLastRound &&
      pthread_setspecific(exit_key, reinterpret_cast<void *>(this_round + 1)) == 0) {
    return;
  }
  SlotHead *head = state.head;
  state.life = Life::kGone;
  state.head = &stand_in;
  if (head == &stand_in) return;
  auto *slot = static_cast<Slot *>(head);
  meter.peak.leave(*slot);
  meter.slots.release(slot);
}

void watch_this_thread() noexcept {
  // Keys from 32 on make this allocate: the thread is live by now, so that is counted like any other block.
  if (watching) pthread_setspecific(exit_key, reinterpret_cast<void *>(uintptr_t{1}));
}

}  // namespace

thread_local constinit State state HEAPMETER_TLS = {&stand_in, Life::kFresh, 0, nullptr, 0};

bool ready() noexcept {
  // Both are non-zero only by relocation, the second one copied into each thread's storage after it.
  return *const_cast<uint8_t *const *const volatile *>(&stand_in.directory) != nullptr &&
         state.head != nullptr;
}

Slot &counting_slot() noexcept {
  if (state.life == Life::kLive) return *fast_slot();
  if (state.life != Life::kFresh) return meter.slots.shared_to_write();
  // A signal handler that allocates while we take a slot counts in the shared one.
  state.life = Life::kStarting;
  const uint32_t born_in = __atomic_load_n(&generation, __ATOMIC_RELAXED);
  Slot *slot = meter.slots.acquire(sys::tid());
  if (slot == nullptr) {
    state.life = Life::kFresh;
    return meter.slots.shared_to_write();
  }
  meter.peak.join(*slot, meter.slots.owned_count());
  state.head = slot;
  state.life = Life::kLive;
  // Such a handler may also have forked, and after_fork could not know yet whose slot this is.
  if (born_in != __atomic_load_n(&generation, __ATOMIC_RELAXED)) {
    meter.slots.keep(slot, sys::tid());
  }
  deserted::note_owner(*slot);
  deserted::look(*slot);
  watch_this_thread();
  return *slot;
}

Slot &freeing_slot() noexcept {
  if (state.life != Life::kFresh || state.first_frees == kFirstFrees) return counting_slot();
  ++state.first_frees;
  return meter.slots.shared_to_write();
}

Slot *own_slot() noexcept { return state.life == Life::kLive ? fast_slot() : nullptr; }

bool ending() noexcept { return state.life == Life::kGone && sys::tid() != sys::pid(); }

void watch_exits() noexcept {
  if (watching || pthread_key_create(&exit_key, thread_ends) != 0) return;
  watching = true;
  if (state.life == Life::kLive) watch_this_thread();
}

namespace {

// What the threads that are gone had not yet told the peak is in their slots.
void bring_peak_in_order() noexcept {
  if (meter.peak.is_alone(own_slot())) return;
  meter.peak.start_anew();
  size_t cursor = 0;
  while (Slot *slot = meter.slots.next(cursor)) {
    const ThreadTotals totals = slot->totals();
    meter.peak.bring(*slot, static_cast<int64_t>(totals.allocated_bytes - totals.freed_bytes));
  }
}

}  // namespace

void after_fork() noexcept {
  __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
  size_t cursor = 0;
  const bool was_read = meter.slots.was_read();
  while (Slot *slot = meter.slots.next(cursor)) {
    if (slot == &meter.slots.shared && !meter.slots.shared_written()) continue;
    if (!slot->own || (slot != state.head && meter.slots.owned(*slot))) vanished::mend(*slot);
    if (was_read && slot->at_rest.there) slot->at_rest.there = false;
  }
  if (state.life == Life::kLive) {
    meter.slots.keep_only(fast_slot());
    meter.slots.keep(fast_slot(), sys::tid());
    deserted::note_owner(*fast_slot());
  } else {
    meter.slots.keep_only(nullptr);
  }
  bring_peak_in_order();
  if (was_read) meter.kept.forget(meter.slots.groups_used());
}

}  // namespace heapmeter::threads
