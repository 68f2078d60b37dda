// SPDX-License-Identifier: MIT
//
// The profiles of several processes as one: what the same code holds in all of them is one site. The same is
// what is in files of one build-id, or, where there is none, in one file of one path; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sites/profile.h"

namespace heapmeter::cli::sites {

struct Together {
  // Of no process: what is of one alone is 0. Estimates, where one of them is.
  Profile profile;
  // Where names are to be looked up: in which of those it was made of, and the number of the module there.
  struct Origin {
    std::size_t member = 0;
    int module = 0;
  };
  std::vector<Origin> modules;
  std::vector<std::vector<symbols::Module>> of_members;
  std::unordered_map<std::uint64_t, std::size_t> members_of_made_code;  // by address

  Origin origin(int module, std::uint64_t offset) const;
  const std::vector<symbols::Module> &modules_of(std::size_t member) const { return of_members[member]; }
};

// Which file each of a process's modules is, where it says no build and that is known; by pid and start time.
using Files = std::map<std::pair<int, std::uint64_t>, std::vector<std::string>>;

Together together(const std::vector<Profile> &members, const std::string &name, const Files &files = {});

// The one that has more than half of what two or more hold; null when none has.
const Profile *largest_of(const std::vector<Profile> &members);

}  // namespace heapmeter::cli::sites
