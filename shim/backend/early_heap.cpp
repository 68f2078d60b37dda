// SPDX-License-Identifier: MIT
#include "backend/early_heap.h"

#include <stdint.h>

namespace heapmeter::early_heap {
namespace {

constexpr size_t kBytes = 256 * 1024;
constinit char area[kBytes] = {};
constinit size_t taken = 0;

uintptr_t start() noexcept { return reinterpret_cast<uintptr_t>(area); }

}  // namespace

void *allocate(size_t bytes, size_t alignment) noexcept {
  if (alignment < 16) alignment = 16;
  if (bytes > kBytes || alignment > kBytes) return nullptr;
  size_t before = __atomic_load_n(&taken, __ATOMIC_RELAXED);
  uintptr_t block;
  size_t after;
  do {
    // The size stands in the 16 bytes before the block.
    block = (start() + before + 16 + alignment - 1) & ~(alignment - 1);
    after = block + bytes - start();
    if (after > kBytes) return nullptr;
  } while (!__atomic_compare_exchange_n(&taken, &before, after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  reinterpret_cast<size_t *>(block)[-1] = bytes;
  return reinterpret_cast<void *>(block);
}

bool owns(const void *block) noexcept { return reinterpret_cast<uintptr_t>(block) - start() < kBytes; }

size_t size_of(const void *block) noexcept { return static_cast<const size_t *>(block)[-1]; }

}  // namespace heapmeter::early_heap
