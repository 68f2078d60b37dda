// SPDX-License-Identifier: MIT
//
// A difference as people read it; pure.
#pragma once

#include <string>

#include "readings/difference.h"
#include "text/terminal.h"
#include "views/reading.h"

namespace heapmeter::cli {

std::string difference_text(const Difference &difference, const Mark &before, const Mark &after,
                            const Units &units, const Paint &paint, bool utf8);

}  // namespace heapmeter::cli
