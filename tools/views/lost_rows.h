// SPDX-License-Identifier: MIT
//
// What looks at living processes and at those that ended have in common: rows, and what rules took away;
// pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "lost/named.h"
#include "lost/suppressed.h"
#include "views/reading.h"

namespace heapmeter::cli {

struct Suppressions {
  lost::Suppressed all;                   // together
  std::vector<lost::Suppressed> fitting;  // by rule
  std::vector<std::string> idle;          // where rules stand that fitted nothing
};

boost::json::array frames_json(const std::vector<symbols::Frame> &frames);
boost::json::array lost_rows_json(const std::vector<lost::NamedRow> &rows);

std::string suppressed_lines(const Suppressions &suppressed, const Units &units);
void add_suppressed_json(boost::json::object &object, const Suppressions &suppressed);
// "12.0 KiB in 3 blocks"
std::string bytes_in_blocks(std::uint64_t bytes, std::uint64_t blocks, const Units &units);

}  // namespace heapmeter::cli
