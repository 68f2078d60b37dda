// SPDX-License-Identifier: MIT
#include "backend/early_heap.h"

#include <stdint.h>

#include "base/sys.h"

namespace heapmeter::early_heap {

constinit bool used = false;

namespace {

constexpr size_t kFirstArea = 256 * 1024;
constexpr size_t kAreas = 32;

// At the start of its mapping.
struct alignas(16) Area {
  size_t bytes;
  size_t taken;
};
constinit Area *areas[kAreas] = {};

Area *area(size_t which) noexcept {
  return which < kAreas ? __atomic_load_n(&areas[which], __ATOMIC_ACQUIRE) : nullptr;
}

// With room for a block of these bytes; another thread's where one was quicker.
Area *map_area(size_t which, size_t room) noexcept {
  if (which == kAreas) return nullptr;
  const Area *last = which == 0 ? nullptr : area(which - 1);
  size_t bytes = last == nullptr ? kFirstArea : 2 * last->bytes;
  while (bytes < room) bytes *= 2;
  auto *fresh = static_cast<Area *>(sys::map(bytes));
  if (fresh == nullptr) return nullptr;
  *fresh = {bytes, sizeof(Area)};
  Area *there = nullptr;
  if (__atomic_compare_exchange_n(&areas[which], &there, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return fresh;
  sys::unmap(fresh, bytes);
  return there;
}

void *take(Area &area, size_t bytes, size_t alignment) noexcept {
  const auto start = reinterpret_cast<uintptr_t>(&area);
  size_t before = __atomic_load_n(&area.taken, __ATOMIC_RELAXED);
  uintptr_t block;
  size_t after;
  do {
    // The size stands in the 16 bytes before the block.
    block = (start + before + 16 + alignment - 1) & ~(alignment - 1);
    after = block + bytes - start;
    if (after > area.bytes) return nullptr;
  } while (
      !__atomic_compare_exchange_n(&area.taken, &before, after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  reinterpret_cast<size_t *>(block)[-1] = bytes;
  return reinterpret_cast<void *>(block);
}

}  // namespace

void *allocate(size_t bytes, size_t alignment) noexcept {
  if (alignment < 16) alignment = 16;
  __atomic_store_n(&used, true, __ATOMIC_RELEASE);
  constexpr size_t kMost = size_t{1} << 40;
  if (bytes > kMost || alignment > kMost) return nullptr;
  for (size_t which = 0; which <= kAreas; ++which) {
    Area *here = area(which);
    if (here == nullptr) here = map_area(which, sizeof(Area) + 16 + alignment + bytes);
    if (here == nullptr) return nullptr;
    if (void *block = take(*here, bytes, alignment)) return block;
  }
  return nullptr;
}

bool is_in_areas(const void *block) noexcept {
  for (size_t which = 0; const Area *here = area(which); ++which) {
    if (reinterpret_cast<uintptr_t>(block) - reinterpret_cast<uintptr_t>(here) < here->bytes) return true;
  }
  return false;
}

size_t size_of(const void *block) noexcept { return static_cast<const size_t *>(block)[-1]; }

}  // namespace heapmeter::early_heap
