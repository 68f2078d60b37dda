// SPDX-License-Identifier: MIT
#include "service/life.h"

#include "base/sys.h"

namespace heapmeter::service {

bool Life::start_one() noexcept {
  if (pauses_ > 0 || given_up()) return false;
  const uint32_t ended = __atomic_load_n(&ended_, __ATOMIC_SEQ_CST);
  if (ended == kAll) return false;
  if (thread_.running()) return true;
  __atomic_store_n(&seen_off_, 0, __ATOMIC_SEQ_CST);
  return thread_.start(ended + 1);
}

void Life::end_one() noexcept {
  if (!thread_.running()) return;
  __atomic_store_n(&seen_off_, 1, __ATOMIC_SEQ_CST);
  uint32_t ended = __atomic_load_n(&ended_, __ATOMIC_SEQ_CST);
  while (ended != kAll && !__atomic_compare_exchange_n(&ended_, &ended, ended + 1, false, __ATOMIC_SEQ_CST,
                                                       __ATOMIC_SEQ_CST)) {
  }
  sys::futex_wake(&ended_);
  if (ended == kAll) sys::futex_wake(&seen_off_);  // who stays saw that before
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

bool Life::stays(uint32_t milliseconds) const noexcept {
  const auto stays = [&] {
    return __atomic_load_n(&ended_, __ATOMIC_SEQ_CST) == kAll && !given_up() &&
           __atomic_load_n(&seen_off_, __ATOMIC_SEQ_CST) == 0;
  };
  if (stays()) sys::futex_wait(&seen_off_, 0, milliseconds);
  return stays();
}

void Life::after_fork() noexcept {
  turn_ = 0;
  pauses_ = 0;
  __atomic_store_n(&ended_, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&seen_off_, 0, __ATOMIC_SEQ_CST);
}

}  // namespace heapmeter::service
