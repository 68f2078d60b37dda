// SPDX-License-Identifier: MIT
#include "books/deserted.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/sandbox.h"
#include "base/sys.h"
#include "books/meter.h"
#include "books/vanished.h"

namespace heapmeter::deserted {
namespace {

// The kernel's number of a thread's clock is made of the thread's; libc knows it without a system call.
bool is_libcs_thread(int tid) noexcept {
  constexpr int kKindBits = 3;
  const pthread_t self = pthread_self();
  clockid_t clock = 0;
  return self != pthread_t{} && pthread_getcpuclockid(self, &clock) == 0 && ~(clock >> kKindBits) == tid;
}

// What it had not yet told, as it would have done itself.
void tell_for(Slot &slot) noexcept {
  vanished::mend(slot);
  meter.peak.leave(slot);
}

}  // namespace

void note_owner(Slot &slot) noexcept {
  if (is_libcs_thread(slot.tid)) meter.slots.sign(&slot);
}

void look(const Slot &own) noexcept {
  if (own.owner == 0 || !meter.slots.crowded() || !sandbox::lets_ask_for_threads()) return;
  const int self = sys::pid();
  const auto gone = [&](int tid) { return sys::call(SYS_tgkill, self, tid, 0) == -ESRCH; };
  meter.slots.take_back(&own, gone, tell_for);
}

}  // namespace heapmeter::deserted
