// SPDX-License-Identifier: MIT
//
// Whether a thread of the service has been asked to end. Each has a number of its own, and the word says up
// to which number they are to end: who is slow to see it is told of no later start.
#pragma once

#include <stdint.h>

#include "base/sys.h"

namespace heapmeter::service {

struct Ending {
  const uint32_t *ended;
  uint32_t number;

  bool now() const noexcept { return __atomic_load_n(ended, __ATOMIC_SEQ_CST) >= number; }
  // Until then, at most this long.
  void wait(uint32_t milliseconds) const noexcept {
    const uint32_t seen = __atomic_load_n(ended, __ATOMIC_SEQ_CST);
    if (seen < number) sys::futex_wait(ended, seen, milliseconds);
  }
};

}  // namespace heapmeter::service
