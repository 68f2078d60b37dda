// SPDX-License-Identifier: MIT
//
// What the reports that processes wrote at their exit say of blocks that are lost, added up: what the same
// code lost in several of them is one row.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <boost/json/object.hpp>

#include "lost/rows.h"
#include "sites/profile.h"

namespace heapmeter::cli::lost {

class ExitLooks {
 public:
  // Of this report, if it says anything of it. Throws NoAnswer (kStrange), and nothing of it is added.
  void add(const boost::json::object &report);

  std::size_t looks = 0;              // that were taken
  std::vector<std::string> failures;  // why there was none
  Sum sum, others;                    // of all; of those without a row
  std::uint64_t other_rows = 0, not_looked_at_bytes = 0, live_blocks = 0, live_bytes = 0;
  std::vector<Row> rows;  // sums as far as they are certain; in whichever order
  sites::Profile stacks;  // that the rows' leaves are of

 private:
  std::uint32_t leaf_of(const boost::json::object &row, const std::vector<int> &modules);
  std::vector<int> modules_of(const boost::json::object &leaks);

  std::map<std::tuple<std::uint32_t, int, std::uint64_t>, std::uint32_t> nodes_;
  std::map<std::pair<std::string, std::string>, int> modules_;
  std::map<std::tuple<std::uint32_t, std::string, std::uint64_t>, std::size_t> rows_;
};

}  // namespace heapmeter::cli::lost
