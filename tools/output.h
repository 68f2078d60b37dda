// SPDX-License-Identifier: MIT
//
// Standard output. A reader that went away (heapmeter ps | head -1) ends the tool quietly; any other failure,
// such as a full disk, is an error.
#pragma once

#include <string_view>

namespace heapmeter::cli::output {

struct ReaderGone {};

// At once, unbuffered: a reading is worth most when it is fresh. Throws ReaderGone or UserError.
void write(std::string_view text);

}  // namespace heapmeter::cli::output
