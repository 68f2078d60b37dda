// SPDX-License-Identifier: MIT
#include "tracking/held_memory.h"

#include "backend/allocator.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "books/ledger.h"

namespace heapmeter::held_memory {

size_t resident_bytes() noexcept {
  if (!sandbox::lets_look_for_pages()) return 0;
  size_t bytes = 0, cursor = 0;
  for (ledger::Part part; the_ledger.next(cursor, part);) {
    if (backend::neighbourhood_bytes(part.address) == 0) continue;
    // Where the allocator has nothing, nothing is mapped.
    bytes +=
        sys::resident_bytes(reinterpret_cast<const void *>(part.address), part.windows * LargeBlock::kWindow);
  }
  return bytes;
}

}  // namespace heapmeter::held_memory
