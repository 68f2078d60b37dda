// SPDX-License-Identifier: MIT
//
// What a reader of /proc/PID/smaps needs to know whose memory is what: the addresses where the allocator's
// memory lies, as the ledger shows it, and the meter's own mappings, in one answer with the live totals.
//
// Allocator's memory is what lies around a block: reported are the pieces of 64 KiB, one page of ledger, in
// which blocks are or were; the reader takes the whole mapping they lie in. Blocks that have a mapping of
// their own are reported one by one, with nothing around them. For the service only.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::account {

void write(TextBuffer &out) noexcept;

}  // namespace heapmeter::account
