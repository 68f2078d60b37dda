// SPDX-License-Identifier: MIT
//
// What is lost for sure and what perhaps, in words that need no table beside them; pure.
#pragma once

#include <string>

#include "lost/rows.h"
#include "views/reading.h"

namespace heapmeter::cli {

// "lost: at least 14 blocks, 1.34 MiB; perhaps 6 more, 586 KiB"; "perhaps lost: 3 blocks, 96 B, none proven".
// Of at least one block.
std::string lost_words(const lost::Sum &sum, const Units &units);
// Why it is in doubt, and what would tell, if no registers were read; "" where nothing is.
std::string doubt_words(const lost::Look &look, bool registers_read);

}  // namespace heapmeter::cli
