// SPDX-License-Identifier: MIT
//
// Which site a block is of: four bytes for each granule of heap, beside the ledger, in chunks of their own.
//
// 0: none. The top bit says whether the block is sampled, too; alone it says that a block was there and is
// gone. Written before a block's owner knows it, read and erased before its memory goes back: plain words
// suffice. Whoever finds none asks look_again(), since pages of blocks that are gone go back to the kernel.
// The directory is mapped, too: as data of the library it would count in every process's limits.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/ledger.h"
#include "books/moving_pages.h"
#include "sites/budget.h"

namespace heapmeter::sites {

class BlockSites {
 public:
  static constexpr uint32_t kSampled = uint32_t{1} << 31;
  static constexpr uint32_t site_of(uint32_t noted) noexcept { return noted & ~kSampled; }
  static constexpr uint32_t kGone = kSampled;

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

  // What is noted there; 0 where that is no site.
  HEAPMETER_INLINE uint32_t read(const uint32_t *place) noexcept {
    const uint32_t noted = *place;
    return HEAPMETER_LIKELY(site_of(noted) != 0) ? noted : look_again(place);
  }

  // Pages on which nothing is noted any more go back to the kernel. By who sees to it that meanwhile nothing
  // is forgotten.
  void give_back() noexcept;
  // In a forked child: what another thread had begun to give back is again what it was.
  void in_child() noexcept { moving_.in_child(); }

  // What is noted on a page that is away, where nothing is noted by now.
  static void bring_back(const MovingPages::Away &away) noexcept;

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

  HEAPMETER_COLD uint32_t look_again(const uint32_t *place) noexcept;
  void give_back(uint8_t *chunk) noexcept;

  MovingPages moving_;
  Tables *tables_ = nullptr;
  size_t count_ = 0;
};

}  // namespace heapmeter::sites
