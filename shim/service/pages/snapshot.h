// SPDX-License-Identifier: MIT
//
// /v1/snapshot: every counter.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::pages {

void write_snapshot(TextBuffer &out) noexcept;
// Its fields, for a page that has more.
void add_snapshot(TextBuffer &out) noexcept;

}  // namespace heapmeter::pages
