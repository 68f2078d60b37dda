// SPDX-License-Identifier: MIT
//
// Who points at some blocks: what is asked for, and what was found.
#pragma once

#include "base/text_buffer.h"
#include "leaks/findings.h"
#include "leaks/wanted.h"

namespace heapmeter::pages {

// Pure: leaf=N[,N...][&apart], or bytes=N[-N].
bool parse_wanted(const char *query, size_t length, leaks::Wanted &out) noexcept;
void add_holders(TextBuffer &out, const leaks::Findings &findings) noexcept;

}  // namespace heapmeter::pages
