// SPDX-License-Identifier: MIT
#include "service/life.h"

#include "base/sys.h"

namespace heapmeter::service {

bool Life::start_one() noexcept {
  if (pauses_ > 0 || given_up()) return false;
  const uint32_t ended = __atomic_load_n(&ended_, __ATOMIC_SEQ_CST);
  return ended != kAll && (thread_.running() || thread_.start(ended + 1));
}

void Life::end_one() noexcept {
  if (!thread_.running()) return;
  uint32_t ended = __atomic_load_n(&ended_, __ATOMIC_SEQ_CST);
  while (ended != kAll && !__atomic_compare_exchange_n(&ended_, &ended, ended + 1, false, __ATOMIC_SEQ_CST,
                                                       __ATOMIC_SEQ_CST)) {
  }
  sys::futex_wake(&ended_);
  thread_.see_off();
}

bool Life::start() noexcept {
  const Turn turn(turn_);
  return start_one();
}

void Life::pause() noexcept {
  const Turn turn(turn_);
  ++pauses_;
  end_one();
}

void Life::resume() noexcept {
  const Turn turn(turn_);
  --pauses_;
  start_one();
}

void Life::renew() noexcept {
  const Turn turn(turn_);
  end_one();
  start_one();
}

void Life::after_fork() noexcept {
  turn_ = 0;
  pauses_ = 0;
  __atomic_store_n(&ended_, 0, __ATOMIC_SEQ_CST);
}

}  // namespace heapmeter::service
