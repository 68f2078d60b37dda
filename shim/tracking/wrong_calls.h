// SPDX-License-Identifier: MIT
//
// Calls that fail, and calls about a block that is not there.
#pragma once

#include <errno.h>

#include "books/entry.h"
#include "books/faults.h"
#include "books/slot.h"

namespace heapmeter {

// Null, with errno set, counted as a failure.
void *fail(int error = ENOMEM) noexcept;

// Of a call about this block, or where one may have been.
void note_fault(Counter Counters::*counter, faults::Fault fault, Family allocated_by, FreeKind kind,
                const void *block, uint64_t bytes) noexcept;

// What a block is that has no entry, or only a tombstone.
enum class Unknown {
  kRefused,     // freed already, or no block's start: nobody is to be asked
  kUncounted,   // given out of the books, by the backend
  kAllocators,  // the allocator's behind us, made amid a call of ours
  kForeign,     // another allocator's, or made by calling the backend directly
};
// Noted as a wrong call if it is one. `leaves`: it is to be released, not resized.
Unknown judge(void *block, const entry::Decoded &noted, FreeKind kind, bool leaves) noexcept;

}  // namespace heapmeter
