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
  __atomic_store_n(&findings.state, state, __ATOMIC_RELEASE);
  futex(&findings.state, FUTEX_WAKE, INT32_MAX, nullptr);
}

bool wait(const Findings &findings, Findings::State state, uint32_t milliseconds, bool (*gone)(int),
          int other) noexcept {
  constexpr timespec kALittle = {0, 20'000'000};
  const uint64_t give_up_ns = sys::monotonic_ns() + uint64_t{milliseconds} * 1'000'000u;
  while (true) {
    const auto now = __atomic_load_n(&findings.state, __ATOMIC_ACQUIRE);
    if (now >= state) return true;
    if (gone(other)) return __atomic_load_n(&findings.state, __ATOMIC_ACQUIRE) >= state;
    if (sys::monotonic_ns() >= give_up_ns) return false;
    futex(&findings.state, FUTEX_WAIT, static_cast<uint32_t>(now), &kALittle);
  }
}

}  // namespace heapmeter::leaks::turns
