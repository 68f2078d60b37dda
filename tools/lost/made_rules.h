// SPDX-License-Identifier: MIT
//
// Rules of suppression for all that is lost, as a text.
#pragma once

#include <string>
#include <vector>

#include "lost/rows.h"
#include "sites/stacks.h"

namespace heapmeter::cli::lost {

// One for each call stack, in valgrind's syntax.
std::string made_rules(const std::vector<Row> &rows, const sites::Profile &stacks,
                       const sites::Naming &naming);

}  // namespace heapmeter::cli::lost
