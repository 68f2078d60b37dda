// SPDX-License-Identifier: MIT
#include "backend/mapped_heap.h"

#include <stdint.h>

#include "base/sys.h"

namespace heapmeter::mapped_heap {

// glibc's, too.
constinit size_t least = size_t{128} << 10;

namespace {

// Each may take one of the 65,530 mappings that a process has.
constexpr uint32_t kMost = 16384;
constinit uint32_t count = 0;
constinit size_t all_bytes = 0;

void *at(uintptr_t address) noexcept { return reinterpret_cast<void *>(address); }

// More than is needed, and back with both ends.
void *map_aligned(size_t bytes, size_t alignment) noexcept {
  if (bytes + alignment < bytes) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(sys::map_reserved(bytes + alignment));
  if (start == 0) return nullptr;
  const uintptr_t aligned = (start + alignment - 1) & ~(alignment - 1);
  if (aligned != start) sys::unmap(at(start), aligned - start);
  const uintptr_t end = start + bytes + alignment;
  if (aligned + bytes != end) sys::unmap(at(aligned + bytes), end - (aligned + bytes));
  return at(aligned);
}

}  // namespace

Block allocate(size_t bytes, size_t alignment) noexcept {
  const size_t mapped = sys::whole_pages(bytes < kLeast ? kLeast : bytes);
  if (mapped < bytes) return {};
  if (bytes < kAlways && __atomic_load_n(&count, __ATOMIC_RELAXED) >= kMost) return {};
  void *start = alignment <= sys::page_bytes() ? sys::map_reserved(mapped) : map_aligned(mapped, alignment);
  if (start == nullptr) return {start, mapped};
  __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  __atomic_add_fetch(&all_bytes, mapped, __ATOMIC_RELAXED);
  return {start, mapped};
}

void release(Block block) noexcept {
  sys::unmap(block.start, block.mapped);
  __atomic_sub_fetch(&count, 1, __ATOMIC_RELAXED);
  __atomic_sub_fetch(&all_bytes, block.mapped, __ATOMIC_RELAXED);
  // Who releases one may want the next of that size soon: from the allocator, then, without the kernel.
  if (block.mapped < kAlways && takes(block.mapped)) {
    __atomic_store_n(&least, block.mapped + 1, __ATOMIC_RELAXED);
  }
}

Block resize(Block block, size_t bytes) noexcept {
  const size_t mapped = sys::whole_pages(bytes < kLeast ? kLeast : bytes);
  if (mapped != block.mapped && !sys::remap(block.start, block.mapped, mapped)) return block;
  __atomic_add_fetch(&all_bytes, mapped - block.mapped, __ATOMIC_RELAXED);
  return {block.start, mapped};
}

Block move(Block block, size_t bytes) noexcept {
  const size_t mapped = sys::whole_pages(bytes);
  void *moved = sys::remap_elsewhere(block.start, block.mapped, mapped);
  if (moved != nullptr) __atomic_add_fetch(&all_bytes, mapped - block.mapped, __ATOMIC_RELAXED);
  return {moved, mapped};
}

size_t blocks() noexcept { return __atomic_load_n(&count, __ATOMIC_RELAXED); }
size_t bytes() noexcept { return __atomic_load_n(&all_bytes, __ATOMIC_RELAXED); }

}  // namespace heapmeter::mapped_heap
