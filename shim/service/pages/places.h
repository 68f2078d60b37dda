// SPDX-License-Identifier: MIT
//
// Places in code, as whoever finds the names needs them, here or on another machine: a module, and where in
// its file.
#pragma once

#include "base/text_buffer.h"
#include "sites/table.h"

namespace heapmeter::pages {

// "modules": of those that stacks lead through, in the order of their numbers.
void add_modules(TextBuffer &out) noexcept;
// Two elements of a list: which of the modules, -1 none, -2 a mark; the offset in it.
void add_place(TextBuffer &out, sites::Place place) noexcept;
// A list of such lists, innermost first, of `most` frames at most.
void add_stack(TextBuffer &out, uint32_t leaf, size_t most) noexcept;

}  // namespace heapmeter::pages
