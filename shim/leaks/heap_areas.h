// SPDX-License-Identifier: MIT
//
// Where the heap lies: of it only live blocks are looked at, for what was released keeps stale pointers.
#pragma once

#include "leaks/areas.h"
#include "leaks/blocks.h"

namespace heapmeter::leaks::heap_areas {

// Of an allocator whose memory is known as such, that where blocks are or were, as a whole; else the blocks
// themselves.
void add(const Ledger &ledger, const Blocks &blocks, Areas &areas) noexcept;

}  // namespace heapmeter::leaks::heap_areas
