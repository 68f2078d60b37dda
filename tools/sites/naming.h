// SPDX-License-Identifier: MIT
//
// From a profile to stacks with names, in one step.
#pragma once

#include <string>
#include <vector>

#include "sites/stacks.h"

namespace heapmeter::cli::sites {

struct NamedStacks {
  Stacks stacks;
  std::vector<std::string> advice;  // what kept names from being found
};

// Of the living process of this pid; with 0, by the paths and build-ids of its modules.
NamedStacks named(int pid, const Profile &profile);

}  // namespace heapmeter::cli::sites
