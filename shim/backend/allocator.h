// SPDX-License-Identifier: MIT
//
// The allocator underneath, one of two: mimalloc, which the fast path calls directly, and "next", the one the
// program would have had, reached through the general calls only. Here, and nowhere above, it is asked which.
#pragma once

#include <stdint.h>

#include "backend/mimalloc.h"
#include "backend/next.h"
#include "base/compiler.h"
#include "base/size_bins.h"

namespace heapmeter::backend {

enum class AlignedName : uint8_t { kMemalign, kAlignedAlloc, kPosixMemalign };

// Set once, before the first block, if at all; null means mimalloc.
inline constinit const NextHeap *next = nullptr;
// Whether it may come back to us for what we ask of it: is_all_of_libc().
inline constinit bool asks_by_name = false;
inline void take_next() noexcept {
  const NextHeap *own = next_heap::next();
  asks_by_name = own != nullptr && !next_heap::is_all_of_libc();
  next = own;
}

inline const char *name() noexcept { return next == nullptr ? "mimalloc" : "next"; }

inline void *allocate(size_t bytes) noexcept {
  return next == nullptr ? mimalloc::allocate(bytes) : next->malloc(bytes);
}
inline void *allocate_zeroed(size_t bytes) noexcept {
  return next == nullptr ? mimalloc::allocate_zeroed(bytes) : next->calloc(1, bytes);
}
inline void *allocate_aligned(size_t bytes, size_t alignment) noexcept {
  return next == nullptr ? mimalloc::allocate_aligned(bytes, alignment) : next->memalign(alignment, bytes);
}
// By the name that it was asked for by: one may be built on the other.
inline void *allocate_aligned_as(AlignedName name, size_t bytes, size_t alignment) noexcept {
  if (next == nullptr || name == AlignedName::kMemalign) return allocate_aligned(bytes, alignment);
  if (name == AlignedName::kAlignedAlloc && next->aligned_alloc != nullptr)
    return next->aligned_alloc(alignment, bytes);
  if (name == AlignedName::kPosixMemalign && next->posix_memalign != nullptr) {
    void *block = nullptr;
    return next->posix_memalign(&block, alignment, bytes) == 0 ? block : nullptr;
  }
  return allocate_aligned(bytes, alignment);
}
inline void *reallocate(void *block, size_t bytes) noexcept {
  return next == nullptr ? mimalloc::reallocate(block, bytes) : next->realloc(block, bytes);
}
inline void release(void *block) noexcept { next == nullptr ? mimalloc::release(block) : next->free(block); }
inline size_t usable_bytes(void *block) noexcept {
  return next == nullptr ? mimalloc::usable_bytes(block) : next->malloc_usable_size(block);
}

// Size classes of mimalloc, which the histogram is made of, for sizes up to kFineLimit.
inline size_t class_bytes(size_t bytes) noexcept { return mimalloc::class_bytes(bytes); }
// What a block of so many bytes, asked for plainly, has usable, where its size says it: those of its class;
// else 0, and each block is to be asked for its own.
inline size_t usable_by_size(size_t bytes) noexcept {
  return next == nullptr && bytes <= kFineLimit ? class_bytes(bytes) : 0;
}
// A block whose size is a multiple of an alignment up to this one lies so by itself, mostly.
inline size_t natural_alignment(size_t bytes) noexcept {
  return next == nullptr ? mimalloc::natural_alignment(bytes) : 1;
}
// Whether the fast path may call it: without asking which it is, it calls mimalloc.
inline bool is_called_directly() noexcept { return next == nullptr; }
// Whether it is to resize in its own way; else realloc chooses between staying and room elsewhere.
inline bool resizes_itself() noexcept { return next != nullptr; }

// Whether it is the allocator that the C library's own functions speak of.
inline bool is_the_programs() noexcept { return next != nullptr; }
// Before a large block that it gives a mapping of its own, glibc's for one, the bytes that are not the
// block's; 0 where such mappings are none of its.
inline size_t header_of_mapping() noexcept { return next == nullptr ? 0 : kGranule; }

// The first allocation asks the kernel this and that, which may change errno.
inline void warm_up() noexcept { release(allocate(kGranule)); }

// A block's neighbourhood that is this allocator's as a whole, known from the address alone; 0 when not
// known.
inline size_t neighbourhood_bytes(uintptr_t address) noexcept {
  return next == nullptr && mimalloc::asks_for(address) ? mimalloc::kSegment : 0;
}
// Where no address tells: whether the window of 64 KiB that a small block begins in is the allocator's as a
// whole. Once free, it may be in nobody's use; owns_window() is true only while it is in use.
inline bool has_windows() noexcept { return next == nullptr && mimalloc::kHasSlices; }
inline bool owns_window(uintptr_t address) noexcept {
  return has_windows() && mimalloc::owns(reinterpret_cast<const void *>(address));
}
// Whether the address may lie in memory that this allocator manages: where the program's own allocator has
// its memory nobody knows.
inline bool may_own(const void *block) noexcept {
  return next != nullptr || mimalloc::asks_for(reinterpret_cast<uintptr_t>(block)) || mimalloc::owns(block);
}
// Whether a block that is not in the books is to be given to it, rather than to libc: it knows its own.
inline bool takes_back(const void *block) noexcept { return next != nullptr || mimalloc::owns(block); }

// Free memory: mimalloc.h. The program's own allocator goes about it as it always did.
inline bool keeps_surplus() noexcept { return next == nullptr; }
inline void keep_surplus() noexcept {
  if (keeps_surplus()) mimalloc::keep_surplus();
}
inline void give_back_soon(bool yes, long pages_together = mimalloc::kPagesTogether) noexcept {
  mimalloc::give_back_soon(yes, pages_together);
}
inline void collect() noexcept {
  if (next == nullptr) mimalloc::collect();
}
inline void leave_thread() noexcept {
  if (next == nullptr) mimalloc::leave_thread();
}

}  // namespace heapmeter::backend
