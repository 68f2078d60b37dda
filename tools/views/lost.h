// SPDX-License-Identifier: MIT
//
// Lost blocks, as text and as JSON; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "text/terminal.h"
#include "views/lost_rows.h"

namespace heapmeter::cli {

struct LostView {
  lost::Look look;                      // what two looks agree on, or one
  std::optional<double> apart_seconds;  // none: one look only
  std::vector<lost::NamedRow> rows;
  bool stacks_known = false;        // whether the process attributes its blocks at all
  Suppressions suppressed;          // and not in any of these
  std::vector<std::string> advice;  // what would name more
};

std::string lost_text(const std::string &target, const LostView &view, std::size_t most_rows,
                      std::size_t depth, const Units &units, const Paint &paint);
boost::json::object lost_json(const LostView &view);

}  // namespace heapmeter::cli
