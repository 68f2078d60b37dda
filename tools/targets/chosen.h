// SPDX-License-Identifier: MIT
//
// The door from what the user typed to living, metered processes: one, or a group.
#pragma once

#include <string>
#include <vector>

#include "readings/census.h"
#include "readings/target.h"
#include "targets/wanted.h"

namespace heapmeter::cli {

struct Chosen {
  std::vector<Target> targets;  // one at least
  bool is_group = false;
  Wanted wanted = {};  // as they were asked for

  // "name (pid)", or "name: 21 processes".
  std::string label() const;
  const Target &only() const { return targets.front(); }
};

// "prefork: 21 processes".
std::string group_label(const std::string &word, std::size_t processes);

// Throws UserError: there is none, of one of several words none, or nothing was named.
Chosen choose(const Wanted &wanted);

// Whether this one is meant, now.
bool is_wanted(int pid, const Wanted &wanted);
// Of all that can be read, those that are meant, now and whenever it is asked anew; a pid or a path stays
// what it was when this was called. Throws as choose().
Census::Finder finder_of(const Wanted &wanted);

}  // namespace heapmeter::cli
