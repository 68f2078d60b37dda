// SPDX-License-Identifier: MIT
//
// A thread that a fork left behind may have been half-way through counting an operation: in the child its
// slot is brought to what it was before that operation, or to what it would have been after it.
//
// A tally counts a block in one step. Elsewhere no journal is kept; the order in which an operation's
// counters change tells how far it came:
//   1. its bin: bytes, blocks, usable bytes; a realloc's new bin first, then the old one
//   2. the headroom of the peak
//   3. the calls of its kind
//   4. the bytes in all, then the usable bytes in all
// Up to 3 the blocks of all bins are ahead of the calls, and bins can be taken back, for the bytes that they
// are ahead tell which one it is. After 3 the totals are made up. What is left, bytes ahead and blocks not,
// is the very first step when the headroom does not know of them either, and the last one when it does. One
// operation at a time, so the shared slot is mended for one thread of those that write to it.
#pragma once

#include "books/slot.h"

namespace heapmeter::vanished {

// The slot's owner does not exist any more and nobody else writes.
void mend(Slot &slot) noexcept;

}  // namespace heapmeter::vanished
