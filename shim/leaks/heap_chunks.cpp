// SPDX-License-Identifier: MIT
#include "leaks/heap_chunks.h"

#include "base/sys.h"
#include "base/written_pages.h"

namespace heapmeter::leaks {

void HeapChunks::add(uintptr_t start, uintptr_t end) noexcept {
  for (uintptr_t chunk = start >> ledger::kChunkShift;
       chunk <= end >> ledger::kChunkShift && chunk < ledger::kDirectorySize; ++chunk)
    bits_[chunk / 64] |= uint64_t{1} << chunk % 64;
}

// A block that is larger than a chunk ends in another, where none may begin.
void HeapChunks::add(const Ledger &ledger) noexcept {
  WrittenPages pages;
  size_t cursor = 0;
  for (ledger::Part part; ledger.next(cursor, part);) {
    add(part.address, part.address + part.windows * LargeBlock::kWindow - 1);
    const uintptr_t first = part.address >> LargeBlock::kWindowShift;
    uintptr_t page = 0;
    bool written = false;
    for (size_t window = 0; window < part.windows; ++window) {
      const LargeBlock &large = part.large()[window];
      if (const uintptr_t own = sys::page_of(reinterpret_cast<uintptr_t>(&large)); own != page) {
        page = own;
        written = !pages.look(reinterpret_cast<const uint8_t *>(page), 1) || pages.written(0);
      }
      const entry::Decoded noted = written && large.was_used() ? large.decode() : entry::Decoded{};
      if (noted.live()) add(large.start(first + window), large.start(first + window) + noted.size);
    }
  }
}

}  // namespace heapmeter::leaks
