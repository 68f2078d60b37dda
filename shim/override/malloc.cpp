// SPDX-License-Identifier: MIT
//
// The C names: glibc's own, and those that libmimalloc exports besides, which would bypass the counters if
// they bound there. One-line forwards, no logic, and none by an exported name, which may be another's.
#include <stdint.h>

#include "backend/mimalloc.h"
#include "tracking/c_heap.h"
#include "tracking/libc_names.h"
#include "tracking/tracked_heap.h"

namespace {
using namespace heapmeter;
constexpr auto kMalloc = Family::kMalloc;
}  // namespace

extern "C" {

HEAPMETER_EXPORT void *malloc(size_t bytes) noexcept {
  return tracked_heap::allocate<AllocationKind::k_malloc, kMalloc>(bytes);
}
HEAPMETER_EXPORT void free(void *block) noexcept { tracked_heap::release<FreeKind::k_free, kMalloc>(block); }
HEAPMETER_EXPORT void *calloc(size_t count, size_t bytes) noexcept { return c_heap::callocate(count, bytes); }
HEAPMETER_EXPORT void *realloc(void *block, size_t bytes) noexcept {
  return tracked_heap::reallocate(block, bytes);
}
HEAPMETER_EXPORT void *reallocarray(void *block, size_t count, size_t bytes) noexcept {
  return c_heap::reallocate_array(block, count, bytes);
}
HEAPMETER_EXPORT void *memalign(size_t alignment, size_t bytes) noexcept {
  return c_heap::memory_aligned(alignment, bytes);
}
HEAPMETER_EXPORT void *aligned_alloc(size_t alignment, size_t bytes) noexcept {
  return c_heap::aligned_as_c_has_it(alignment, bytes);
}
HEAPMETER_EXPORT int posix_memalign(void **block, size_t alignment, size_t bytes) noexcept {
  return c_heap::posix_memory_aligned(block, alignment, bytes);
}
HEAPMETER_EXPORT void *valloc(size_t bytes) noexcept { return c_heap::page_aligned(bytes); }
HEAPMETER_EXPORT void *pvalloc(size_t bytes) noexcept { return c_heap::whole_pages(bytes); }
HEAPMETER_EXPORT void cfree(void *block) noexcept { c_heap::release_as_cfree(block); }
HEAPMETER_EXPORT void free_sized(void *block, size_t bytes) noexcept {
  tracked_heap::release<FreeKind::k_free_sized, kMalloc, true>(block, bytes);
}
HEAPMETER_EXPORT void free_aligned_sized(void *block, size_t, size_t bytes) noexcept {
  tracked_heap::release<FreeKind::k_free_sized, kMalloc, true>(block, bytes);
}
HEAPMETER_EXPORT size_t malloc_usable_size(void *block) noexcept { return tracked_heap::usable_bytes(block); }

// libmimalloc's further names, with the meanings it gives them.
HEAPMETER_EXPORT void *reallocf(void *block, size_t bytes) noexcept {
  return c_heap::reallocate_or_free(block, bytes);
}
HEAPMETER_EXPORT int reallocarr(void *block, size_t count, size_t bytes) noexcept {
  return c_heap::reallocate_array_in_place(block, count, bytes);
}
HEAPMETER_EXPORT void vfree(void *block) noexcept { tracked_heap::release<FreeKind::k_free, kMalloc>(block); }
HEAPMETER_EXPORT size_t malloc_size(void *block) noexcept { return tracked_heap::usable_bytes(block); }
HEAPMETER_EXPORT size_t malloc_good_size(size_t bytes) noexcept { return backend::class_bytes(bytes); }
HEAPMETER_EXPORT void *_aligned_malloc(size_t alignment, size_t bytes) noexcept {
  return c_heap::memory_aligned(alignment, bytes);
}
HEAPMETER_EXPORT int __posix_memalign(void **block, size_t alignment, size_t bytes) noexcept {
  return c_heap::posix_memory_aligned(block, alignment, bytes);
}
HEAPMETER_EXPORT_IF_MIMALLOC_DOES char *strdup(const char *text) noexcept {
  return c_heap::copy_text(text, SIZE_MAX);
}
HEAPMETER_EXPORT_IF_MIMALLOC_DOES char *strndup(const char *text, size_t most) noexcept {
  return c_heap::copy_text(text, most);
}

// glibc's internal names for the same calls: a block of one may reach the other's free.
HEAPMETER_EXPORT void *__libc_malloc(size_t bytes) noexcept { return libc_names::allocate(bytes); }
HEAPMETER_EXPORT void *__libc_calloc(size_t count, size_t bytes) noexcept {
  return libc_names::callocate(count, bytes);
}
HEAPMETER_EXPORT void *__libc_realloc(void *block, size_t bytes) noexcept {
  return libc_names::reallocate(block, bytes);
}
HEAPMETER_EXPORT void __libc_free(void *block) noexcept { libc_names::release(block); }
HEAPMETER_EXPORT void __libc_cfree(void *block) noexcept { libc_names::release(block); }
HEAPMETER_EXPORT void *__libc_memalign(size_t alignment, size_t bytes) noexcept {
  return libc_names::memory_aligned(alignment, bytes);
}
HEAPMETER_EXPORT void *__libc_valloc(size_t bytes) noexcept { return libc_names::page_aligned(bytes); }
HEAPMETER_EXPORT void *__libc_pvalloc(size_t bytes) noexcept { return libc_names::whole_pages(bytes); }

}  // extern "C"
