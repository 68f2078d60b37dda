// SPDX-License-Identifier: MIT
//
// Blocks for callers that come before relocation is done (IFUNC resolvers), or while it is being decided what
// to count. Areas asked from the kernel, each at least twice the last one, handed out once, never reused, and
// not counted: there are no counters yet. Must work with nothing relocated: it touches only its own
// zero-initialised data.
#pragma once

#include <stddef.h>

#include "base/compiler.h"

namespace heapmeter::early_heap {

// Zeroed, aligned to 16 at least; nullptr when there is no memory.
void *allocate(size_t bytes, size_t alignment = 16) noexcept;
extern HEAPMETER_HIDDEN bool used;
bool is_in_areas(const void *block) noexcept;
inline bool owns(const void *block) noexcept {
  return __atomic_load_n(&used, __ATOMIC_ACQUIRE) && is_in_areas(block);
}
// The requested bytes of a block that owns() knows.
size_t size_of(const void *block) noexcept;

}  // namespace heapmeter::early_heap
