// SPDX-License-Identifier: MIT
//
// Whom the user means, in his words, and whether one process is among them; pure.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "readings/target_word.h"

namespace heapmeter::cli {

struct Wanted {
  static constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::min();  // which no pid is, nor 0
  std::vector<std::string> words = {};  // pids, names, patterns, units, sockets' paths: any of them
  std::string cgroup = {};              // a container, a unit, or the end of a control group's path
  std::int64_t below = kNobody;         // this process and all that descend from it

  bool given() const { return !words.empty() || !cgroup.empty() || has_below(); }
  bool has_below() const { return below != kNobody; }
  // Several are meant, even if there is only one.
  bool means_group() const;
  // One, whatever its name.
  bool names_one() const;
  // As it was typed.
  std::string text() const;
};

// What the kernel says of one process.
struct Kin {
  int pid = 0;
  std::vector<std::string> names = {};    // as top(1) shows it, and the file name of its executable
  std::vector<int> ancestors = {};        // its parent first
  std::vector<std::string> cgroups = {};  // paths, of each hierarchy
};

// A name, a pattern or a unit; of a pid or a path it says no.
bool fits_word(const Kin &kin, const std::string &word);
// A name of its parts: a unit, with or without its ending; a container by the first digits of its id; or the
// end of the path, and what lies below it.
bool fits_cgroup(std::string_view path, std::string_view name);
bool fits(const Kin &kin, const Wanted &wanted);

}  // namespace heapmeter::cli
