// SPDX-License-Identifier: MIT
//
// Processes that have the meter in them and are in no list, because they have no socket, or one in a
// directory that was not looked at.
#pragma once

#include <string>
#include <vector>

#include "readings/census.h"

namespace heapmeter::cli {

struct Unlisted {
  std::vector<std::string> unserved;  // of each, why
  int more_unserved = 0;              // beyond the few that are explained
  std::vector<int> elsewhere;         // pids of those whose HEAPMETER_DIR is another than ours
};

// Of those this user may see.
Unlisted unlisted(const std::vector<Member> &listed);

}  // namespace heapmeter::cli
