// SPDX-License-Identifier: MIT
//
// Processes that have the meter in them and are in no list, because they have no socket, or one in a
// directory that was not looked at.
#pragma once

#include <string>
#include <vector>

#include "readings/census.h"

namespace heapmeter::cli {

struct Unserved {
  int pid = 0;
  std::string why;  // a sentence
};

struct Unlisted {
  std::vector<Unserved> unserved;
  int more_unserved = 0;       // beyond those that are explained
  std::vector<int> elsewhere;  // pids of those whose HEAPMETER_DIR is another than ours
};

// Of those this user may see; of so many it is found out why.
Unlisted unlisted(const std::vector<Member> &listed, std::size_t explained);

}  // namespace heapmeter::cli
