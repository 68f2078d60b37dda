// SPDX-License-Identifier: MIT
//
// What operator new does beyond malloc: the new-handler loop and bad_alloc, without linking libstdc++.
//
// The C++ runtime is looked up when an allocation has failed, not before: it may have been loaded later, and
// privately. Then its own operator new does the rest, on our malloc, and throws what the program can catch.
#pragma once

#include <stddef.h>

#include "tracking/tracked_heap.h"

namespace heapmeter::new_heap {

// After a failed request, which is counted: handlers, retries, bad_alloc. Alignment 0 is the ordinary one.
void *failed(size_t bytes, size_t alignment, AllocationKind kind, Family family);
// The same for the nothrow forms: null instead of bad_alloc, also when the handler throws it.
void *failed_nothrow(size_t bytes, size_t alignment, Family family) noexcept;

// A program may replace some operators only: the standard has the other forms call those. Null where the
// process's operator is ours, or there is none that the form must call. What a replaced operator made, only
// its delete may take: such a pointer can lead into the middle of one of our blocks.
struct Replacements {
  void *(*plain)(size_t);
  void *(*plain_nothrow)(size_t, const void *);
  void *(*array_nothrow)(size_t, const void *);
  void *(*plain_aligned)(size_t, size_t);
  void (*release)(void *);
  void (*release_array)(void *);
  void (*release_aligned)(void *, size_t);
  void (*release_array_aligned)(void *, size_t);
};
extern HEAPMETER_HIDDEN Replacements replaced;

// At start, once.
void find_replacements() noexcept;

template <AllocationKind kind, Family family>
inline void *failed_ordinary(size_t bytes) {
  return failed(bytes, 0, kind, family);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate(size_t bytes) {
  if (family == Family::kNewArray && HEAPMETER_UNLIKELY(replaced.plain != nullptr))
    return replaced.plain(bytes);
  return tracked_heap::allocate<kind, family, false, failed_ordinary<kind, family>>(bytes);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_nothrow(size_t bytes, const void *tag) noexcept {
  auto *theirs = family == Family::kNewArray ? replaced.array_nothrow : replaced.plain_nothrow;
  if (HEAPMETER_UNLIKELY(theirs != nullptr)) return theirs(bytes, tag);
  void *block = tracked_heap::allocate<kind, family>(bytes);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed_nothrow(bytes, 0, family);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_aligned(size_t bytes, size_t alignment) {
  if (family == Family::kNewArray && HEAPMETER_UNLIKELY(replaced.plain_aligned != nullptr))
    return replaced.plain_aligned(bytes, alignment);
  void *block = tracked_heap::allocate_aligned<kind, family>(bytes, alignment);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed(bytes, alignment, kind, family);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_aligned_nothrow(size_t bytes, size_t alignment) noexcept {
  void *block = tracked_heap::allocate_aligned<kind, family>(bytes, alignment);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed_nothrow(bytes, alignment, family);
}

template <FreeKind kind, Family family, bool sized = false>
HEAPMETER_INLINE void release(void *block, size_t bytes = tracked_heap::kAnySize) noexcept {
  auto *theirs = family == Family::kNewArray ? replaced.release_array : replaced.release;
  if (HEAPMETER_UNLIKELY(theirs != nullptr)) {
    theirs(block);
    return;
  }
  tracked_heap::release<kind, family, sized>(block, bytes);
}

template <FreeKind kind, Family family, bool sized = false>
HEAPMETER_INLINE void release_aligned(void *block, size_t alignment,
                                      size_t bytes = tracked_heap::kAnySize) noexcept {
  auto *theirs = family == Family::kNewArray ? replaced.release_array_aligned : replaced.release_aligned;
  if (HEAPMETER_UNLIKELY(theirs != nullptr)) {
    theirs(block, alignment);
    return;
  }
  tracked_heap::release<kind, family, sized>(block, bytes);
}

}  // namespace heapmeter::new_heap
