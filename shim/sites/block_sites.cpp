// SPDX-License-Identifier: MIT
#include "sites/block_sites.h"

#include "base/sys.h"

namespace heapmeter::sites {

bool BlockSites::map() noexcept {
  if (tables_ != nullptr) return true;
  auto *tables = static_cast<Tables *>(sys::map(sizeof(Tables)));
  if (tables == nullptr) return false;
  sys::keep_out_of_core_dumps(tables, sizeof(Tables));
  __atomic_store_n(&tables_, tables, __ATOMIC_RELEASE);
  return true;
}

uint32_t *BlockSites::born(const void *block) noexcept {
  if (uint32_t *found = find(block)) return found;
  const uintptr_t index = reinterpret_cast<uintptr_t>(block) >> ledger::kChunkShift;
  if (index >= ledger::kDirectorySize || load_whole(count_) >= kMostKnown) return nullptr;
  auto *chunk = static_cast<uint32_t *>(sys::map(kChunkBytes));
  if (chunk == nullptr) return nullptr;
  sys::keep_out_of_core_dumps(chunk, kChunkBytes);
  sys::keep_pages_small(chunk, kChunkBytes);
  // Two threads may map the same at once: the first one wins.
  uint32_t *none = nullptr;
  if (__atomic_compare_exchange_n(&tables_->directory[index], &none, chunk, false, __ATOMIC_ACQ_REL,
                                  __ATOMIC_ACQUIRE)) {
    const size_t at = __atomic_fetch_add(&count_, 1, __ATOMIC_RELAXED);
    if (at < kMostKnown) __atomic_store_n(&tables_->known[at], chunk, __ATOMIC_RELEASE);
  } else {
    sys::unmap(chunk, kChunkBytes);
  }
  return find(block);
}

const void *BlockSites::next(size_t &cursor) const noexcept {
  const size_t count = load_whole(count_);
  while (cursor < count && cursor < kMostKnown) {
    if (const void *chunk = __atomic_load_n(&tables_->known[cursor++], __ATOMIC_ACQUIRE)) return chunk;
  }
  return nullptr;
}

void BlockSites::clear() noexcept {
  size_t cursor = 0;
  while (const void *chunk = next(cursor)) sys::forget(const_cast<void *>(chunk), kChunkBytes);
}

void BlockSites::unmap() noexcept {
  size_t cursor = 0;
  while (const void *chunk = next(cursor)) sys::unmap(const_cast<void *>(chunk), kChunkBytes);
  if (tables_ != nullptr) sys::unmap(tables_, sizeof(Tables));
  tables_ = nullptr;
  count_ = 0;
}

}  // namespace heapmeter::sites
