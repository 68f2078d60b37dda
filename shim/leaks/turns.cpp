// SPDX-License-Identifier: MIT
#include "leaks/turns.h"

#include <linux/futex.h>
#include <time.h>

#include "base/sys.h"

namespace heapmeter::leaks::turns {
namespace {

// Of one memory that two processes see; the word is in a mapping that they share.
long futex(const void *word, int operation, uint32_t value, const timespec *timeout) noexcept {
  return sys::call(SYS_futex, reinterpret_cast<long>(word), operation, static_cast<long>(value),
                   reinterpret_cast<long>(timeout));
}

}  // namespace

void give(Findings &findings, Findings::State state) noexcept {
  store_release(findings.state, state);
  futex(&findings.state, FUTEX_WAKE, INT32_MAX, nullptr);
}

void answer(Findings &findings, Findings::State to, Findings::State state) noexcept {
  if (__atomic_compare_exchange(&findings.state, &to, &state, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
    futex(&findings.state, FUTEX_WAKE, INT32_MAX, nullptr);
}

Findings::State now(const Findings &findings) noexcept { return load_acquire(findings.state); }

void wait_since(const Findings &findings, Findings::State seen, uint64_t until_ns) noexcept {
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  const uint64_t now_ns = sys::monotonic_ns();
  if (now_ns >= until_ns) return;
  const timespec left = {static_cast<time_t>((until_ns - now_ns) / kNsPerSecond),
                         static_cast<long>((until_ns - now_ns) % kNsPerSecond)};
  futex(&findings.state, FUTEX_WAIT, static_cast<uint32_t>(seen), &left);
}

bool wait(const Findings &findings, Findings::State state, uint32_t milliseconds) noexcept {
  const uint64_t give_up_ns = sys::monotonic_ns() + uint64_t{milliseconds} * 1'000'000u;
  for (auto seen = now(findings); seen < state; seen = now(findings)) {
    if (sys::monotonic_ns() >= give_up_ns) return false;
    wait_since(findings, seen, give_up_ns);
  }
  return true;
}

}  // namespace heapmeter::leaks::turns
