// SPDX-License-Identifier: MIT
//
// What the last look at this process found and cost, for those who take none.
#pragma once

#include "base/text_buffer.h"
#include "leaks/findings.h"

namespace heapmeter::pages {

// By one thread at a time.
void keep_look(const leaks::Findings &findings) noexcept;
// A field of the object that is open; nothing where there was none. By any thread.
void add_kept_look(TextBuffer &out) noexcept;

}  // namespace heapmeter::pages
