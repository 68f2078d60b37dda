// SPDX-License-Identifier: MIT
//
// /v1/sizes: the live blocks by size class.
#pragma once

#include "base/text_buffer.h"
#include "books/snapshot.h"

namespace heapmeter::pages {

void write_sizes(TextBuffer &out) noexcept;
// Its list, by way of memory that is too large for a stack.
void add_classes(TextBuffer &out, Bins &bins) noexcept;

}  // namespace heapmeter::pages
