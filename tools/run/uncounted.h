// SPDX-License-Identifier: MIT
//
// Which programs a run comes to that the meter passes through or cannot enter: what a script executes in its
// own place, and what it starts. Known by looking at living processes, so one that is gone before the next
// look is missed.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace heapmeter::cli {

struct Uncounted {
  int pid = 0;
  std::string program;  // its path
  std::string why;      // in doctor's words
};

class UncountedPrograms {
 public:
  // Each program is told once.
  void look_at(int pid);
  std::set<int> look_at_family(int pid);  // and all below it, who are returned
  const std::vector<Uncounted> &found() const { return found_; }

 private:
  std::set<std::string> known_;  // programs that need no second look
  std::vector<Uncounted> found_;
};

}  // namespace heapmeter::cli
