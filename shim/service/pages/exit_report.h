// SPDX-License-Identifier: MIT
//
// For the report at exit, once, by whichever thread ends the process while the service may still answer: the
// snapshot's fields, with the time and the pages of sizes and threads. Of the latter as much as there is room
// for.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::pages {

void write_report(TextBuffer &out) noexcept;

}  // namespace heapmeter::pages
