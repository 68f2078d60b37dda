// SPDX-License-Identifier: MIT
//
// A difference as people read it; pure.
#pragma once

#include <string>

#include "readings/difference.h"
#include "views/site_view.h"

namespace heapmeter::cli {

// `code` is what site_difference_text() says.
std::string difference_text(const Difference &difference, const Mark &before, const Mark &after,
                            const std::string &code, const Look &look);

}  // namespace heapmeter::cli
