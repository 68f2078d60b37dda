// SPDX-License-Identifier: MIT
//
// Which blocks nothing can reach: as the answer to POST /v1/leaks, and in the report at exit.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text_buffer.h"

namespace heapmeter::pages {

// For the service's thread, which has others to answer meanwhile: what is lost; or who points at some blocks,
// which the query says.
struct Refusal {
  int status = 0;  // 0: none
  const char *error = "";
};
Refusal begin_look() noexcept;
Refusal begin_holders(const char *query, size_t length) noexcept;
// A few milliseconds' work, once it is due. Whether it has ended; `failure` is then null, or why there was
// none.
bool go_on_looking(const char *&failure) noexcept;
uint64_t look_due_ns() noexcept;  // UINT64_MAX: none is under way
void break_off_look() noexcept;
// In a forked child, where none is.
void forget_look() noexcept;
// What it found, once: of lost ones block by block, for a reader to compare with what another look finds
// later.
void write_look(TextBuffer &out) noexcept;
inline constexpr size_t kRoomForLook = size_t{16} << 20;

// Takes one, of the process that ends, by the thread that ends it: the sums, and rows of those alike.
void add_last_look(TextBuffer &out, uintptr_t stack_pointer) noexcept;
// The same in a line of text.
void add_last_look_line(TextBuffer &out, uintptr_t stack_pointer) noexcept;

}  // namespace heapmeter::pages
