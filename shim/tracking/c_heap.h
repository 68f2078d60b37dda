// SPDX-License-Identifier: MIT
//
// glibc's contract of the calls that malloc(3) and posix_memalign(3) describe, where it is more than allocate
// and release: overflow, alignment, errno.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tracking/tracked_heap.h"

namespace heapmeter::c_heap {

// More than any allocator gives: makes the request fail, and be counted as a failure, the ordinary way.
inline constexpr size_t kTooMuch = SIZE_MAX;

HEAPMETER_INLINE void *callocate(size_t count, size_t bytes) noexcept {
  size_t all;
  if (HEAPMETER_UNLIKELY(__builtin_mul_overflow(count, bytes, &all)))
    return tracked_heap::allocate_slow(kTooMuch, AllocationKind::k_calloc, Family::kMalloc, true);
  return tracked_heap::allocate<AllocationKind::k_calloc, Family::kMalloc, true>(all);
}
void *reallocate_array(void *block, size_t count, size_t bytes) noexcept;
// reallocarr(3) of the BSDs: the error number, *block updated.
int reallocate_array_in_place(void *block_pointer, size_t count, size_t bytes) noexcept;
// reallocf(3): frees the block when it fails.
void *reallocate_or_free(void *block, size_t bytes) noexcept;
void release_as_cfree(void *block) noexcept;
// Any alignment, rounded up to a power of two.
void *memory_aligned(size_t alignment, size_t bytes) noexcept;
// aligned_alloc(3): from glibc 2.38 on a power of two, or nothing.
void *aligned_as_c_has_it(size_t alignment, size_t bytes) noexcept;
// Sets *block and returns 0, or returns the error number and leaves *block alone; errno is as glibc leaves
// it: ENOMEM when memory is out.
int posix_memory_aligned(void **block, size_t alignment, size_t bytes) noexcept;
void *page_aligned(size_t bytes) noexcept;
void *whole_pages(size_t bytes) noexcept;
// strdup(3), strndup(3).
char *copy_text(const char *text, size_t most) noexcept;

}  // namespace heapmeter::c_heap
