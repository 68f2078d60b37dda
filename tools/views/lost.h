// SPDX-License-Identifier: MIT
//
// Lost blocks, as text and as JSON; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "views/lost_rows.h"
#include "views/site_view.h"

namespace heapmeter::cli {

// Whose registers were read when the last image was made.
struct ReadRegisters {
  std::size_t threads = 0, left_out = 0;
  double stopped_seconds = 0;
};

struct LostView {
  lost::Look look;                      // what two looks agree on, or one
  std::optional<double> apart_seconds;  // none: one look only
  std::optional<ReadRegisters> registers;
  std::vector<lost::NamedRow> rows;
  bool stacks_known = false;  // whether the process attributes its blocks at all
  // The first bytes of examples, by address, where they were asked for; why there are none.
  std::optional<std::map<std::uint64_t, std::string>> contents;
  std::string no_contents;
  Suppressions suppressed;          // and not in any of these
  std::vector<std::string> advice;  // what would name more
};

// Where the page is narrow, without an example of each.
std::string lost_text(const std::string &target, const LostView &view, std::size_t most_rows,
                      std::size_t depth, const Look &look);
boost::json::object lost_json(const LostView &view);

}  // namespace heapmeter::cli
