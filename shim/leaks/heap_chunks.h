// SPDX-License-Identifier: MIT
//
// Where in the address space blocks may lie, a bit for each chunk of the ledger: of what is looked at before
// there is an index of blocks, words that point elsewhere need not be kept.
#pragma once

#include "books/ledger.h"
#include "leaks/blocks.h"

namespace heapmeter::leaks {

// Zero: nowhere.
class HeapChunks {
 public:
  // Where there are any now, beside those from before.
  void add(const Ledger &ledger) noexcept;
  bool may_have(uint64_t word) const noexcept {
    const uintptr_t chunk = address_of(word) >> ledger::kChunkShift;
    return (bits_[chunk / 64] >> chunk % 64 & 1u) != 0;
  }
  // With the granule just behind.
  void add(uintptr_t start, uintptr_t end) noexcept;

 private:
  uint64_t bits_[ledger::kDirectorySize / 64];
};

}  // namespace heapmeter::leaks
