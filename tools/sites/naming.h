// SPDX-License-Identifier: MIT
//
// From a profile to stacks with names, in one step; and names in several processes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sites/stacks.h"
#include "sites/together.h"
#include "symbols/namer.h"

namespace heapmeter::cli::sites {

struct NamedStacks {
  Stacks stacks;
  std::vector<std::string> advice;  // what kept names from being found
};

enum class Progress { kShown, kSilent };

// Of the living process of this pid; with 0, by the paths and build-ids of its modules.
NamedStacks named(int pid, const Profile &profile, Progress progress = Progress::kShown);

// Of several processes together, by their pids in the order of the members, 0 for one that is elsewhere. What
// is in more than one of them is looked up in the first. The sum must outlive it.
class NamesOfMembers {
 public:
  NamesOfMembers(const Together &together, const std::vector<int> &pids, const Profile &asked_for);
  std::vector<symbols::Frame> name(int module, std::uint64_t offset);
  std::vector<std::string> advice() const;  // each but once

 private:
  const Together &together_;
  std::vector<std::unique_ptr<symbols::Namer>> namers_;  // of each, where it has something to name
};

// The same in one step. `profile` has the numbers of `together`.
NamedStacks named(const Together &together, const std::vector<int> &pids, const Profile &profile);

}  // namespace heapmeter::cli::sites
