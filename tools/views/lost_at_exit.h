// SPDX-License-Identifier: MIT
//
// What was lost at the exits of a program and of those it started, as text and as JSON; pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "text/terminal.h"
#include "views/lost_rows.h"

namespace heapmeter::cli {

struct LostAtExit {
  std::size_t looks = 0;              // at so many processes
  std::vector<std::string> failures;  // why there was none at others: "name (pid): why"
  lost::Sum sum, others;              // of all; of those without a row, for want of room
  std::uint64_t other_rows = 0, not_looked_at_bytes = 0, live_blocks = 0;
  std::vector<lost::NamedRow> rows;
  Suppressions suppressed;
  std::vector<std::string> advice;  // what would name more
};

// One line, for the summary.
std::string lost_line(const LostAtExit &lost, const Units &units);
// Below it: where, with so many rows and callers; "" when there is nothing to tell. Lines of `width`, or as
// long as they are with 0.
std::string lost_places(const LostAtExit &lost, std::size_t most_rows, std::size_t depth, const Units &units,
                        const Paint &paint, int width, bool utf8);
// Fields for the summary's JSON.
void add_lost_json(boost::json::object &object, const LostAtExit &lost);

}  // namespace heapmeter::cli
