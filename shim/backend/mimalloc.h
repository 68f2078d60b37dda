// SPDX-License-Identifier: MIT
//
// mimalloc, which the fast path calls directly. Only these files, and whoever calls the names it has
// itself, know it.
//
// Asked for at least 17 bytes, it aligns every block to 16. Its own aligned calls of 2.0.9 return misaligned
// blocks for some sizes; mi_malloc_aligned_at with offset 0 is right for all. It leaves errno alone when it
// fails, so the callers set it. Never asked through mi_new*: those abort when memory is out.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "backend/mimalloc_calls.h"
#include "base/compiler.h"
#include "base/size_bins.h"

namespace heapmeter::mimalloc {

// Whether it is of the series that this library was built with: another one has other size classes, and other
// options under the same numbers.
bool is_as_built() noexcept;
// 3.0.1 forgets that a page has blocks which it aligned when all of the page is taken, or its thread ends,
// and takes them back at the wrong address: the heap is destroyed by a program that does no wrong.
bool loses_aligned_blocks() noexcept;

// Of at most 1024 bytes.
HEAPMETER_INLINE void *allocate_small(size_t bytes) noexcept { return mi_malloc_small(bytes); }
HEAPMETER_INLINE void *allocate_zeroed_small(size_t bytes) noexcept { return mi_zalloc_small(bytes); }
HEAPMETER_INLINE void *allocate(size_t bytes) noexcept { return mi_malloc(bytes); }
HEAPMETER_INLINE void *allocate_zeroed(size_t bytes) noexcept { return mi_zalloc(bytes); }
HEAPMETER_INLINE void release(void *block) noexcept { mi_free(block); }
// In the first word of a block that it just gave stands where its next free one is: a pointer at a block that
// soon is another's, which would keep that from being called lost, or lead to it.
HEAPMETER_INLINE void clear_link(void *block) noexcept { *static_cast<uint64_t *>(block) = 0; }
inline void *allocate_aligned(size_t bytes, size_t alignment) noexcept {
  return mi_malloc_aligned_at(bytes, alignment, 0);
}
inline void *reallocate(void *block, size_t bytes) noexcept { return mi_realloc(block, bytes); }
inline size_t usable_bytes(const void *block) noexcept { return mi_usable_size(block); }

// Usable bytes of a fresh block of that many requested bytes, for sizes up to kFineLimit.
inline size_t class_bytes(size_t bytes) noexcept {
  return mi_good_size(bytes < kLeastRequest ? kLeastRequest : bytes);
}
// The same of at most 1024 bytes, from a table: once know_small_classes() was called.
extern HEAPMETER_HIDDEN uint16_t small_classes[1024 / kGranule + 1];
HEAPMETER_INLINE size_t small_class_bytes(size_t bytes) noexcept {
  return small_classes[fine_bin(static_cast<uint32_t>(bytes))];
}
void know_small_classes() noexcept;
// A block whose size is a multiple of an alignment up to this one lies so by itself, mostly: its page begins
// at a multiple of it.
HEAPMETER_INLINE size_t natural_alignment(size_t bytes) noexcept { return bytes <= 1024 ? 128 : 4096; }

// It asks the kernel for segments of 32 MiB, aligned, at addresses where nobody else is put. The 3.0 series
// takes what addresses the kernel gives, so that there nothing is known from an address alone.
inline constexpr size_t kSegment = size_t{32} << 20;
inline constexpr bool has_segments() noexcept { return HEAPMETER_MIMALLOC < 300; }
inline bool asks_for([[maybe_unused]] uintptr_t address) noexcept {
#if HEAPMETER_MIMALLOC < 300
  constexpr uintptr_t kFirst = uintptr_t{2} << 40, kEnd = uintptr_t{30} << 40;
  return address - kFirst < kEnd - kFirst;
#else
  return false;
#endif
}
// Of the names that only the 3.0 series has besides libc: where it is preloaded by name, too, it stands
// before libc, and they have to be ours. Elsewhere libc's are as good.
#if HEAPMETER_MIMALLOC >= 300
#define HEAPMETER_EXPORT_IF_MIMALLOC_DOES HEAPMETER_EXPORT
#else
#define HEAPMETER_EXPORT_IF_MIMALLOC_DOES HEAPMETER_HIDDEN
#endif
// Whether the 64 KiB in which a block of less begins are its own as a whole: the 3.0 series has slices of
// that size.
inline constexpr bool kHasSlices = HEAPMETER_MIMALLOC >= 300;
// Whether the address lies in memory that it is known to manage. Segments kept for later it forgets.
inline bool owns(const void *block) noexcept { return mi_is_in_heap_region(block); }

// Free memory is kept until give_back_soon(true), from then on given back soon after it becomes free. In
// between nothing in mi_free asks the kernel, which could change errno.
inline constexpr long kPagesTogether = 16;
void keep_surplus() noexcept;
void give_back_soon(bool yes, long pages_together) noexcept;
bool gives_back_soon() noexcept;
// What this thread, threads that ended and the cache of segments hold free.
void collect() noexcept;
// After an allocation in a thread whose end it has seen already: what it set up again would be left behind.
// The blocks stay.
inline void leave_thread() noexcept { mi_thread_done(); }

}  // namespace heapmeter::mimalloc
