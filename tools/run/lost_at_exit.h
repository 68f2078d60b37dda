// SPDX-License-Identifier: MIT
//
// From the reports of a program and of those it started to what they lost, and where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "readings/reading.h"
#include "run/tree_view.h"
#include "suppressions/rule.h"
#include "views/lost_at_exit.h"

namespace heapmeter::cli {

// None where no report says anything of it. `rules`, if any, gets one in valgrind's syntax for each row.
std::optional<LostAtExit> lost_at_exit(const Reading &program, const std::vector<Reading> &children,
                                       const std::vector<suppressions::Rule> &suppressed, std::string *rules);

// Where the most was lost, in some rows; "" when there is nothing to tell.
std::string lost_places(const LostAtExit &lost, const Paint &paint, const Page &page);

}  // namespace heapmeter::cli
