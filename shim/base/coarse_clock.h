// SPDX-License-Identifier: MIT
//
// The monotonic clock for the program's own calls, a few milliseconds late: read from the page that the
// kernel keeps up to date in every process. A system call might be what a sandbox kills for, and libc's
// function somebody else's.
#pragma once

#include <stdint.h>

namespace heapmeter::coarse_clock {

// At start.
void find() noexcept;
// 0 where the kernel has no such page, and before it was found.
uint64_t ns() noexcept;

}  // namespace heapmeter::coarse_clock
