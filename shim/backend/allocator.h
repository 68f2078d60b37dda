// SPDX-License-Identifier: MIT
//
// The allocator underneath, and the only file that knows mimalloc. Two of them: mimalloc, which the fast path
// calls directly, and "next", the allocator the program would have had, reached through the general calls
// only.
//
// Asked for at least 17 bytes, mimalloc aligns every block to 16. Its own aligned calls of 2.0.9 return
// misaligned blocks for some sizes; mi_malloc_aligned_at with offset 0 is right for all. It leaves errno
// alone when it fails, so the callers set it. Never asked through mi_new*: those abort when memory is out.
#pragma once

#include <mimalloc.h>
#include <stdint.h>

#include "backend/next.h"
#include "base/compiler.h"
#include "base/size_bins.h"

namespace heapmeter::backend {

// Set once, before the first block, if at all; null means mimalloc.
inline constinit const NextHeap *next = nullptr;

inline const char *name() noexcept { return next == nullptr ? "mimalloc" : "next"; }

// Of at most 1024 bytes.
HEAPMETER_INLINE void *mimalloc_allocate_small(size_t bytes) noexcept { return mi_malloc_small(bytes); }
HEAPMETER_INLINE void *mimalloc_allocate_zeroed_small(size_t bytes) noexcept { return mi_zalloc_small(bytes); }
HEAPMETER_INLINE void *mimalloc_allocate(size_t bytes) noexcept { return mi_malloc(bytes); }
HEAPMETER_INLINE void *mimalloc_allocate_zeroed(size_t bytes) noexcept { return mi_zalloc(bytes); }
HEAPMETER_INLINE void mimalloc_release(void *block) noexcept { mi_free(block); }

inline void *allocate(size_t bytes) noexcept {
  return next == nullptr ? mi_malloc(bytes) : next->malloc(bytes);
}
inline void *allocate_zeroed(size_t bytes) noexcept {
  return next == nullptr ? mi_zalloc(bytes) : next->calloc(1, bytes);
}
inline void *allocate_aligned(size_t bytes, size_t alignment) noexcept {
  return next == nullptr ? mi_malloc_aligned_at(bytes, alignment, 0) : next->memalign(alignment, bytes);
}
inline void *reallocate(void *block, size_t bytes) noexcept {
  return next == nullptr ? mi_realloc(block, bytes) : next->realloc(block, bytes);
}
inline void release(void *block) noexcept {
  if (next == nullptr) {
    mi_free(block);
  } else {
    next->free(block);
  }
}
// A block whose size is a multiple of an alignment up to this one lies so by itself, mostly: its page begins
// at a multiple of it.
HEAPMETER_INLINE size_t natural_alignment(size_t bytes) noexcept { return bytes <= 1024 ? 128 : 4096; }
inline size_t usable_bytes(void *block) noexcept {
  return next == nullptr ? mi_usable_size(block) : next->malloc_usable_size(block);
}
// Usable bytes of a fresh block of that many requested bytes, for sizes up to kFineLimit; mimalloc's, which
// the histogram is made of.
inline size_t class_bytes(size_t bytes) noexcept {
  return mi_good_size(bytes < kLeastRequest ? kLeastRequest : bytes);
}
// Whether every block's usable bytes are its size class's.
inline bool has_classes() noexcept { return next == nullptr; }
// The first allocation asks the kernel this and that and may leave errno changed: made at start, it is not
// the program's.
inline void warm_up() noexcept { release(allocate(kGranule)); }
// Whether the address lies in memory that this allocator is known to manage.
// A block's neighbourhood that is this allocator's as a whole, known from the address alone; 0 when not
// known. mimalloc asks the kernel for segments of 32 MiB, aligned, from 2 to 30 TiB, where nobody else does.
inline size_t neighbourhood_bytes(uintptr_t address) noexcept {
  const bool asked_for = address >> 40 >= 2 && address >> 40 < 30;
  return next == nullptr && asked_for ? size_t{32} << 20 : 0;
}
inline bool owns(const void *block) noexcept { return next == nullptr && mi_is_in_heap_region(block); }
// Whether it may do so: mimalloc forgets segments that it keeps for later, but asks for addresses where
// nobody else is put.
inline bool may_own(const void *block) noexcept {
  constexpr uintptr_t kFirst = uintptr_t{2} << 40, kEnd = uintptr_t{30} << 40;
  return reinterpret_cast<uintptr_t>(block) - kFirst < kEnd - kFirst || owns(block);
}
// mimalloc's options for free memory: kept until give_back_soon(true), from then on given back soon after it
// becomes free. In between nothing in mi_free asks the kernel, which could change errno.
//
// Soon: mimalloc puts off a segment's time by the "extension" at each page that becomes free in it. So after
// as many pages as the delay has ms, or after that time, the next one takes all of them along, neighbours in
// one call. A call for each page takes the kernel ten times as long.
inline constexpr long kNeverMs = 1'000'000'000;
inline constexpr long kPagesTogether = 16;
inline void keep_surplus() noexcept { mi_option_set_default(mi_option_segment_decommit_delay, kNeverMs); }
inline void give_back_soon(bool yes, long pages_together = kPagesTogether) noexcept {
  constexpr long kUsualMs = 25;
  mi_option_set(mi_option_decommit_delay, yes ? pages_together : kUsualMs);
  mi_option_set(mi_option_decommit_extend_delay, yes ? -1 : 1);
  mi_option_set(mi_option_segment_decommit_delay, yes ? 0 : kNeverMs);
}
// What this thread, threads that ended and the cache of segments hold free. A thread that never allocated has
// no heap, and without one mimalloc does nothing.
inline void collect() noexcept {
  if (next != nullptr) return;
  mi_thread_init();
  mi_collect(true);
}
// After an allocation in a thread whose end mimalloc has seen already: what it set up again would be left
// behind. The blocks stay.
inline void leave_thread() noexcept {
  if (next == nullptr) mi_thread_done();
}

}  // namespace heapmeter::backend
