// SPDX-License-Identifier: MIT
//
// Two words that change as one. Each half alone is read and written like any other word; who needs both as
// they were at one moment lets them change into what was found.
#pragma once

#include <stdint.h>

namespace heapmeter {

struct alignas(16) Wide {
  uint64_t low, high;
};

// False where it was not as expected, which then says how it was.
inline bool change_as_one(Wide &wide, Wide &expected, Wide desired) noexcept {
#if defined(__x86_64__)
  bool changed;
  asm volatile("lock cmpxchg16b %1"
               : "=@ccz"(changed), "+m"(wide), "+a"(expected.low), "+d"(expected.high)
               : "b"(desired.low), "c"(desired.high)
               : "memory");
  return changed;
#else
  __extension__ using Both = unsigned __int128;
  const auto both = [](Wide of) { return Both{of.high} << 64 | of.low; };
  const Both found =
      __sync_val_compare_and_swap(reinterpret_cast<Both *>(&wide), both(expected), both(desired));
  const bool changed = found == both(expected);
  expected = {static_cast<uint64_t>(found), static_cast<uint64_t>(found >> 64)};
  return changed;
#endif
}

// Perhaps of two moments: a guess at what to expect.
inline Wide halves_of(const Wide &wide) noexcept {
  return {__atomic_load_n(&wide.low, __ATOMIC_RELAXED), __atomic_load_n(&wide.high, __ATOMIC_RELAXED)};
}
// Of one moment.
inline Wide as_one(Wide &wide) noexcept {
  Wide found = halves_of(wide);
  while (!change_as_one(wide, found, found)) {
  }
  return found;
}

}  // namespace heapmeter
