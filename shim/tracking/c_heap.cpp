// SPDX-License-Identifier: MIT
#include "tracking/c_heap.h"

#include <gnu/libc-version.h>
#include <stdint.h>
#include <string.h>

#include <bit>

#include "base/sys.h"
#include "tracking/own_calls.h"
#include "tracking/process_heap.h"
#include "tracking/tracked_heap.h"

namespace heapmeter::c_heap {
namespace {

size_t product(size_t count, size_t bytes) noexcept {
  size_t all;
  return __builtin_mul_overflow(count, bytes, &all) ? kTooMuch : all;
}

bool is_power_of_two(size_t n) noexcept { return n != 0 && (n & (n - 1)) == 0; }

using backend::AlignedName;

HEAPMETER_INLINE void *aligned(size_t alignment, size_t bytes,
                               AlignedName name = AlignedName::kMemalign) noexcept {
  return tracked_heap::allocate_aligned<AllocationKind::k_aligned, Family::kMalloc>(bytes, alignment, name);
}

HEAPMETER_INLINE void *aligned_at_least(size_t alignment, size_t bytes, AlignedName name) noexcept {
  if (alignment > SIZE_MAX / 2 + 1) return tracked_heap::refuse();
  // Not by std::bit_ceil: clang leaves its check in, which libstdc++ would have to be there for.
  return aligned(alignment <= 1 ? 1 : size_t{1} << std::bit_width(alignment - 1), bytes, name);
}

// The libc of the process, which may be newer than the one that this was built with: 41 of 2.41.
unsigned libc_minor() noexcept {
  const char *digit = strchr(gnu_get_libc_version(), '.');
  unsigned minor = 0;
  while (digit != nullptr && *++digit >= '0' && *digit <= '9')
    minor = minor * 10 + static_cast<unsigned>(*digit - '0');
  return minor;
}

// From glibc 2.38 on nothing is had so.
HEAPMETER_COLD void *aligned_to_no_power(size_t alignment, size_t bytes) noexcept {
  if (libc_minor() >= 38) return tracked_heap::refuse();
  return aligned_at_least(alignment, bytes, AlignedName::kAlignedAlloc);
}

// From what the process has as malloc, as libc's strdup takes it. It may be the first call of all.
void *by_name(size_t bytes) noexcept {
  if (mode::now() == mode::State::kEarly && threads::ready()) tracked_heap::begin();
  const auto processes = process_heap::process.malloc;
  if (processes != nullptr) return processes(bytes);
  return tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes);
}

}  // namespace

void *reallocate_array(void *block, size_t count, size_t bytes) noexcept {
  if (own_calls::reallocate_array(block, count, bytes)) return block;
  return tracked_heap::reallocate_by_name(block, product(count, bytes));
}

int reallocate_array_in_place(void *block_pointer, size_t count, size_t bytes) noexcept {
  void *block;
  memcpy(&block, block_pointer, sizeof block);
  const int saved_errno = errno;
  void *moved = reallocate_array(block, count, bytes);
  errno = saved_errno;
  if (moved == nullptr && product(count, bytes) != 0) return ENOMEM;
  memcpy(block_pointer, &moved, sizeof moved);
  return 0;
}

void *reallocate_or_free(void *block, size_t bytes) noexcept {
  void *moved = tracked_heap::reallocate(block, bytes);
  if (moved == nullptr && bytes != 0) {
    tracked_heap::release_slow(block, FreeKind::k_free, Family::kMalloc, tracked_heap::kAnySize);
  }
  return moved;
}

void release_as_cfree(void *block) noexcept {
  if (!own_calls::release_as_cfree(block)) tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block);
}

void *memory_aligned(size_t alignment, size_t bytes) noexcept {
  return aligned_at_least(alignment, bytes, AlignedName::kMemalign);
}

void *aligned_as_c_has_it(size_t alignment, size_t bytes) noexcept {
  if (!is_power_of_two(alignment)) return aligned_to_no_power(alignment, bytes);
  return aligned(alignment, bytes, AlignedName::kAlignedAlloc);
}

int posix_memory_aligned(void **block, size_t alignment, size_t bytes) noexcept {
  const int saved_errno = errno;
  const bool valid = is_power_of_two(alignment) && alignment % sizeof(void *) == 0;
  void *fresh = valid ? aligned(alignment, bytes, AlignedName::kPosixMemalign) : tracked_heap::refuse();
  if (fresh == nullptr && valid) return ENOMEM;
  errno = saved_errno;
  if (fresh == nullptr) return EINVAL;
  *block = fresh;
  return 0;
}

void *page_aligned(size_t bytes) noexcept { return aligned(sys::page_bytes(), bytes); }

void *whole_pages(size_t bytes) noexcept {
  const size_t rounded = bytes > SIZE_MAX - sys::page_bytes() ? kTooMuch : sys::whole_pages(bytes);
  return tracked_heap::allocate_aligned_slow(bytes, sys::page_bytes(), AllocationKind::k_aligned,
                                             Family::kMalloc, rounded);
}

char *copy_text(const char *text, size_t most) noexcept {
  const size_t length = strnlen(text, most);
  auto *copy = static_cast<char *>(by_name(length + 1));
  if (copy == nullptr) return nullptr;
  memcpy(copy, text, length);
  copy[length] = 0;
  return copy;
}

}  // namespace heapmeter::c_heap
