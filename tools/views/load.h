// SPDX-License-Identifier: MIT
//
// What a load cost, as a table; beside an earlier one where there is one. Pure.
#pragma once

#include <string>

#include "readings/load.h"
#include "views/reading.h"

namespace heapmeter::cli {

// `command`: what ran. `before` may be null, and `columns` 0: as wide as it comes.
std::string load_text(const Load &load, const std::string &command, const Load *before, const Units &units,
                      const Paint &paint, bool utf8, int columns = 0);

}  // namespace heapmeter::cli
