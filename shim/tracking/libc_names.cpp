// SPDX-License-Identifier: MIT
#include "tracking/libc_names.h"

#include <stdint.h>

#include "backend/next.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "tracking/c_heap.h"
#include "tracking/tracked_heap.h"

namespace heapmeter::libc_names {
namespace {

bool in_the_books(const void *block) noexcept {
  ledger::Place place;
  return the_ledger.look_up(block, place).live();
}

// Libc, when the block is not ours to look after.
const NextHeap *libc_for(const void *block) noexcept {
  const NextHeap *libc = next_heap::libc_under_next();
  return libc != nullptr && !in_the_books(block) ? libc : nullptr;
}

}  // namespace

void *allocate(size_t bytes) noexcept {
  if (const NextHeap *libc = next_heap::libc_under_next()) return libc->malloc(bytes);
  return tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes);
}

void *callocate(size_t count, size_t bytes) noexcept {
  if (const NextHeap *libc = next_heap::libc_under_next()) return libc->calloc(count, bytes);
  return c_heap::callocate(count, bytes);
}

void *reallocate(void *block, size_t bytes) noexcept {
  if (const NextHeap *libc = libc_for(block)) return libc->realloc(block, bytes);
  return tracked_heap::reallocate(block, bytes);
}

void release(void *block) noexcept {
  if (const NextHeap *libc = libc_for(block)) return libc->free(block);
  tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block);
}

void *memory_aligned(size_t alignment, size_t bytes) noexcept {
  if (const NextHeap *libc = next_heap::libc_under_next()) return libc->memalign(alignment, bytes);
  return c_heap::memory_aligned(alignment, bytes);
}

void *page_aligned(size_t bytes) noexcept { return memory_aligned(sys::page_bytes(), bytes); }

void *whole_pages(size_t bytes) noexcept {
  const NextHeap *libc = next_heap::libc_under_next();
  if (libc == nullptr) return c_heap::whole_pages(bytes);
  const size_t rounded = bytes > SIZE_MAX - sys::page_bytes() ? SIZE_MAX : sys::whole_pages(bytes);
  return libc->memalign(sys::page_bytes(), rounded);
}

}  // namespace heapmeter::libc_names
