// SPDX-License-Identifier: MIT
//
// For the report at exit, once, by whichever thread ends the process while the service may still answer: the
// snapshot's fields, with the time and the pages of sizes and threads. Of the latter as much as there is room
// for.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::pages {

// `stack_pointer`: where the ending thread's own stack ends.
void write_report(TextBuffer &out, uintptr_t stack_pointer) noexcept;

}  // namespace heapmeter::pages
