// SPDX-License-Identifier: MIT
//
// Which site a block is of: four bytes for each granule of heap, beside the ledger, in chunks of their own.
//
// 0: none. The top bit says whether the block is sampled, too. Written before a block's owner knows it, read
// and erased before its memory goes back: plain words suffice. The directory is mapped, too: as data of the
// library it would count in every process's limits.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/ledger.h"
#include "sites/budget.h"

namespace heapmeter::sites {

class BlockSites {
 public:
  static constexpr uint32_t kSampled = uint32_t{1} << 31;
  static constexpr uint32_t site_of(uint32_t noted) noexcept { return noted & ~kSampled; }

  // Once, before all else. False where there is no memory.
  bool map() noexcept;
  // Where the block's site is noted, mapping its chunk if need be; null when there is no memory for it.
  uint32_t *born(const void *block) noexcept;
  // The same without mapping.
  HEAPMETER_INLINE uint32_t *find(const void *block) const noexcept {
    const auto address = reinterpret_cast<uintptr_t>(block);
    const uintptr_t index = address >> ledger::kChunkShift;
    if (HEAPMETER_UNLIKELY(index >= ledger::kDirectorySize)) return nullptr;
    uint32_t *chunk = __atomic_load_n(&tables_->directory[index], __ATOMIC_ACQUIRE);
    return HEAPMETER_LIKELY(chunk != nullptr) ? chunk + address % kChunkSpan / kGranule : nullptr;
  }

  // All sites forgotten, when nobody else is within.
  void clear() noexcept;
  // Each chunk, in no order; null ends.
  const void *next(size_t &cursor) const noexcept;
  Memory memory() const noexcept { return {tables_, tables_ != nullptr ? sizeof(Tables) : 0}; }
  static constexpr size_t kChunkBytes = (size_t{1} << ledger::kChunkShift) / kGranule * sizeof(uint32_t);
  void unmap() noexcept;

 private:
  static constexpr uintptr_t kChunkSpan = uintptr_t{1} << ledger::kChunkShift;
  static constexpr size_t kMostKnown = 8192;

  struct Tables {
    uint32_t *directory[ledger::kDirectorySize];
    uint32_t *known[kMostKnown];
  };

  Tables *tables_ = nullptr;
  size_t count_ = 0;
};

}  // namespace heapmeter::sites
