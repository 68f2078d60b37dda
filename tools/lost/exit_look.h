// SPDX-License-Identifier: MIT
//
// What the report that a process wrote at its exit says of blocks that are lost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "lost/rows.h"

namespace heapmeter::cli::lost {

struct ExitLook {
  std::string failure;  // why there was none, or ""
  Sum sum;
  std::uint64_t not_looked_at_bytes = 0;
  std::vector<Row> rows;  // what takes most first; sums as far as they are certain
};

// None where the report says nothing of it. Throws NoAnswer (kStrange).
std::optional<ExitLook> exit_look(const boost::json::object &report);

}  // namespace heapmeter::cli::lost
