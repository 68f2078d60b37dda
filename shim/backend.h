// SPDX-License-Identifier: MIT
//
// The allocator underneath: the only file that knows mimalloc.
//
// Asked for at least 16 bytes, mimalloc aligns every block to 16. Its own aligned calls of 2.0.9 return
// misaligned blocks for some sizes; mi_malloc_aligned_at with offset 0 is right for all. It leaves errno
// alone when it fails, so the callers set it. Never asked through mi_new*: those abort when memory is out.
#pragma once

#include <mimalloc.h>

#include "compiler.h"
#include "size_bins.h"

namespace heapmeter::backend {

inline constexpr const char *kName = "mimalloc";

HEAPMETER_INLINE void *allocate(size_t bytes) noexcept { return mi_malloc(bytes); }
HEAPMETER_INLINE void *allocate_zeroed(size_t bytes) noexcept { return mi_zalloc(bytes); }
inline void *allocate_aligned(size_t bytes, size_t alignment) noexcept {
  return mi_malloc_aligned_at(bytes, alignment, 0);
}
inline void *reallocate(void *block, size_t bytes) noexcept { return mi_realloc(block, bytes); }
HEAPMETER_INLINE void release(void *block) noexcept { mi_free(block); }
inline size_t usable_bytes(const void *block) noexcept { return mi_usable_size(block); }
// Usable bytes of a fresh block of that many requested bytes, for sizes up to kFineLimit.
inline size_t class_bytes(size_t bytes) noexcept { return mi_good_size(bytes < kGranule ? kGranule : bytes); }
// The first allocation asks the kernel this and that and may leave errno changed: made at start, it is not
// the program's.
inline void warm_up() noexcept { mi_free(mi_malloc(kGranule)); }
// Whether the address lies in memory that this allocator manages.
inline bool owns(const void *block) noexcept { return mi_is_in_heap_region(block); }

}  // namespace heapmeter::backend
