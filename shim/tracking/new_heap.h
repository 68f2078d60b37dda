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

// A program may replace some of the operators: the standard has the other forms call those, array forms the
// plain ones, sized and nothrow forms the ones without, aligned forms among themselves. What a replaced
// operator made, only its delete may take: such a pointer can lead into the middle of one of our blocks.
//
// What each kind of form has to call, by the names below, is the process's where it is not ours alone. One
// who replaces only one of new and delete has both called, so that a block that came by new[] and operator
// new goes by delete[] and operator delete. Nobody is looked for before relocation: numbers, so that
// kNotLookedUp can be told from a function even then.
struct Chain {
  uintptr_t plain;                  // _Znwm
  uintptr_t array;                  // _Znam, else plain
  uintptr_t aligned;                // _ZnwmSt11align_val_t
  uintptr_t array_aligned;          // _ZnamSt11align_val_t, else aligned
  uintptr_t release;                // _ZdlPv
  uintptr_t release_array;          // _ZdaPv, else release
  uintptr_t release_aligned;        // _ZdlPvSt11align_val_t
  uintptr_t release_array_aligned;  // _ZdaPvSt11align_val_t, else release_aligned
};
extern HEAPMETER_HIDDEN Chain chain;
// At start, or when the first form is called that has another to call.
void find_replacements() noexcept;
inline constexpr uintptr_t kNotLookedUp = 1;

// What a form has to call, or 0 where it is ours to fulfil.
uintptr_t linked(const uintptr_t &link) noexcept;

using New = void *(size_t);
using AlignedNew = void *(size_t, size_t);
using Delete = void(void *) noexcept;
using AlignedDelete = void(void *, size_t) noexcept;

// A nothrow form calls the throwing one, which somebody replaced, and returns null for what that throws.
void *call_nothrow(New *theirs, bool array, size_t bytes) noexcept;
void *call_nothrow(AlignedNew *theirs, bool array, size_t bytes, size_t alignment) noexcept;

template <Family family>
inline constexpr bool is_array = family == Family::kNewArray;

template <AllocationKind kind, Family family>
inline void *failed_ordinary(size_t bytes) {
  return failed(bytes, 0, kind, family);
}

// Each form twice: as it is where it is ours, and, out of its way, where somebody may be linked.
template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_ours(size_t bytes) {
  return tracked_heap::allocate<kind, family, false, failed_ordinary<kind, family>>(bytes);
}
template <AllocationKind kind, Family family>
HEAPMETER_COLD void *allocate_linked(size_t bytes) {
  if (const uintptr_t theirs = linked(chain.plain)) return reinterpret_cast<New *>(theirs)(bytes);
  return allocate_ours<kind, family>(bytes);
}
template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate(size_t bytes) {
  if (is_array<family> && HEAPMETER_UNLIKELY(chain.plain != 0)) return allocate_linked<kind, family>(bytes);
  return allocate_ours<kind, family>(bytes);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_ours_nothrow(size_t bytes) noexcept {
  void *block = tracked_heap::allocate<kind, family>(bytes);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed_nothrow(bytes, 0, family);
}
template <AllocationKind kind, Family family>
HEAPMETER_COLD void *allocate_linked_nothrow(size_t bytes) noexcept {
  if (const uintptr_t theirs = linked(is_array<family> ? chain.array : chain.plain))
    return call_nothrow(reinterpret_cast<New *>(theirs), is_array<family>, bytes);
  return allocate_ours_nothrow<kind, family>(bytes);
}
template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_nothrow(size_t bytes) noexcept {
  if (HEAPMETER_UNLIKELY((is_array<family> ? chain.array : chain.plain) != 0))
    return allocate_linked_nothrow<kind, family>(bytes);
  return allocate_ours_nothrow<kind, family>(bytes);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_ours_aligned(size_t bytes, size_t alignment) {
  void *block = tracked_heap::allocate_aligned<kind, family>(bytes, alignment);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed(bytes, alignment, kind, family);
}
template <AllocationKind kind, Family family>
HEAPMETER_COLD void *allocate_linked_aligned(size_t bytes, size_t alignment) {
  if (const uintptr_t theirs = linked(chain.aligned))
    return reinterpret_cast<AlignedNew *>(theirs)(bytes, alignment);
  return allocate_ours_aligned<kind, family>(bytes, alignment);
}
template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_aligned(size_t bytes, size_t alignment) {
  if (is_array<family> && HEAPMETER_UNLIKELY(chain.aligned != 0))
    return allocate_linked_aligned<kind, family>(bytes, alignment);
  return allocate_ours_aligned<kind, family>(bytes, alignment);
}

template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_ours_aligned_nothrow(size_t bytes, size_t alignment) noexcept {
  void *block = tracked_heap::allocate_aligned<kind, family>(bytes, alignment);
  return HEAPMETER_LIKELY(block != nullptr) ? block : failed_nothrow(bytes, alignment, family);
}
template <AllocationKind kind, Family family>
HEAPMETER_COLD void *allocate_linked_aligned_nothrow(size_t bytes, size_t alignment) noexcept {
  if (const uintptr_t theirs = linked(is_array<family> ? chain.array_aligned : chain.aligned))
    return call_nothrow(reinterpret_cast<AlignedNew *>(theirs), is_array<family>, bytes, alignment);
  return allocate_ours_aligned_nothrow<kind, family>(bytes, alignment);
}
template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_aligned_nothrow(size_t bytes, size_t alignment) noexcept {
  if (HEAPMETER_UNLIKELY((is_array<family> ? chain.array_aligned : chain.aligned) != 0))
    return allocate_linked_aligned_nothrow<kind, family>(bytes, alignment);
  return allocate_ours_aligned_nothrow<kind, family>(bytes, alignment);
}

// The forms that have another one to call: all but operator delete(void *) and its aligned twin. delete[]
// without more calls the plain form, the others of an array delete[].
template <FreeKind kind, Family family, bool sized>
HEAPMETER_COLD void release_linked(const uintptr_t &link, void *block, size_t bytes) noexcept {
  if (const uintptr_t theirs = linked(link)) return reinterpret_cast<Delete *>(theirs)(block);
  tracked_heap::release<kind, family, sized>(block, bytes);
}
template <FreeKind kind, Family family, bool sized = false>
HEAPMETER_INLINE void release_by(const uintptr_t &link, void *block,
                                 size_t bytes = tracked_heap::kAnySize) noexcept {
  if (HEAPMETER_UNLIKELY(link != 0)) return release_linked<kind, family, sized>(link, block, bytes);
  tracked_heap::release<kind, family, sized>(block, bytes);
}

template <FreeKind kind, Family family, bool sized>
HEAPMETER_COLD void release_linked_aligned(const uintptr_t &link, void *block, size_t alignment,
                                           size_t bytes) noexcept {
  if (const uintptr_t theirs = linked(link))
    return reinterpret_cast<AlignedDelete *>(theirs)(block, alignment);
  tracked_heap::release<kind, family, sized>(block, bytes);
}
template <FreeKind kind, Family family, bool sized = false>
HEAPMETER_INLINE void release_aligned_by(const uintptr_t &link, void *block, size_t alignment,
                                         size_t bytes = tracked_heap::kAnySize) noexcept {
  if (HEAPMETER_UNLIKELY(link != 0))
    return release_linked_aligned<kind, family, sized>(link, block, alignment, bytes);
  tracked_heap::release<kind, family, sized>(block, bytes);
}

}  // namespace heapmeter::new_heap
