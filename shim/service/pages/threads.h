// SPDX-License-Identifier: MIT
//
// /v1/threads: what each thread allocated and freed, and those that ended together.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::pages {

void write_threads(TextBuffer &out) noexcept;
void add_threads(TextBuffer &out) noexcept;

}  // namespace heapmeter::pages
