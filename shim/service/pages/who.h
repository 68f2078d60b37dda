// SPDX-License-Identifier: MIT
//
// `/`: which process this is, and what it answers.
#pragma once

#include "base/identity.h"
#include "base/text_buffer.h"

namespace heapmeter::pages {

void write_who(TextBuffer &out) noexcept;
// The path of its file; its arguments, as far as the memory goes.
void add_executable(TextBuffer &out, char *memory, size_t capacity) noexcept;
void add_command(TextBuffer &out, char *memory, size_t capacity) noexcept;
// Which allocator is underneath.
void add_backend(TextBuffer &out) noexcept;
// What every reading says of it.
void add_identity(TextBuffer &out, const Identity &who) noexcept;
// What is enough to know it by.
void add_process(TextBuffer &out) noexcept;

}  // namespace heapmeter::pages
