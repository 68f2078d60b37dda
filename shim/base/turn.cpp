// SPDX-License-Identifier: MIT
#include "base/turn.h"

#include <signal.h>

#include "base/sys.h"

namespace heapmeter {
namespace {

constexpr uint32_t kFree = 0, kTaken = 1, kWaitedFor = 2;

}  // namespace

Turn::Turn(Word &word) noexcept : word_(word) {
  const uint64_t all = ~uint64_t{0};
  sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), reinterpret_cast<long>(&mask_),
            sizeof all);
  uint32_t free = kFree;
  if (__atomic_compare_exchange_n(&word_, &free, kTaken, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  while (__atomic_exchange_n(&word_, kWaitedFor, __ATOMIC_ACQUIRE) != kFree) {
    sys::futex_wait(&word_, kWaitedFor, sys::kNoDeadline);
  }
}

Turn::~Turn() noexcept {
  if (__atomic_exchange_n(&word_, kFree, __ATOMIC_RELEASE) == kWaitedFor) sys::futex_wake(&word_);
  sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&mask_), 0, sizeof mask_);
}

}  // namespace heapmeter
