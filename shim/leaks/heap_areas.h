// SPDX-License-Identifier: MIT
//
// Where the heap lies: of it only live blocks are looked at, for what was released keeps stale pointers.
#pragma once

#include "books/ledger.h"
#include "leaks/areas.h"

namespace heapmeter::leaks::heap_areas {

// Of an allocator whose memory is known as such, that where blocks are or were, as a whole.
void add_all(const Ledger &ledger, Areas &areas) noexcept;
// And of each block what is not in those.
void add_block(uintptr_t start, const entry::Decoded &noted, Areas &areas) noexcept;

}  // namespace heapmeter::leaks::heap_areas
