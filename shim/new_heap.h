// SPDX-License-Identifier: MIT
//
// What operator new does beyond malloc: the new-handler loop and bad_alloc, without linking libstdc++.
//
// The C++ runtime is looked up when an allocation has failed, not before: it may have been loaded later, and
// privately. Then its own operator new does the rest, on our malloc, and throws what the program can catch.
#pragma once

#include <stddef.h>

#include "tracked_heap.h"

namespace heapmeter::new_heap {

// After a failed request, which is counted: handlers, retries, bad_alloc. Alignment 0 is the ordinary one.
void *failed(size_t bytes, size_t alignment, AllocationKind kind, Family family);
// The same for the nothrow forms: null instead of bad_alloc, also when the handler throws it.
void *failed_nothrow(size_t bytes, size_t alignment, Family family) noexcept;

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate(size_t bytes) {
  void *block = tracked_heap::allocate<kind, family>(bytes);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed(bytes, 0, kind, family);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_nothrow(size_t bytes) noexcept {
  void *block = tracked_heap::allocate<kind, family>(bytes);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed_nothrow(bytes, 0, family);
}

template <AllocationKind kind, Family family>
inline void *allocate_aligned(size_t bytes, size_t alignment) {
  void *block = tracked_heap::allocate_aligned(bytes, alignment, kind, family);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed(bytes, alignment, kind, family);
}

template <AllocationKind kind, Family family>
inline void *allocate_aligned_nothrow(size_t bytes, size_t alignment) noexcept {
  void *block = tracked_heap::allocate_aligned(bytes, alignment, kind, family);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed_nothrow(bytes, alignment, family);
}

}  // namespace heapmeter::new_heap
