// SPDX-License-Identifier: MIT
//
// A group read again and again: who is in it now, and what they have together.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "readings/census.h"
#include "targets/chosen.h"
#include "targets/group.h"

namespace heapmeter::cli {

struct GroupReading {
  std::string label;  // "prefork: 21 processes"
  std::vector<Member> members;
  Reading sum;  // of those that answered
  GroupSum totals;
};

// The schema of stat --json of a group.
boost::json::object to_json(const GroupReading &reading);

class GroupReader {
 public:
  explicit GroupReader(const Wanted &wanted);
  // Who came since is in it, who ended is not. Empty when nobody is there any more.
  std::optional<GroupReading> read(std::chrono::milliseconds patience);

 private:
  const std::string word_;
  Census census_;
};

}  // namespace heapmeter::cli
