// SPDX-License-Identifier: MIT
//
// Which programs a run comes to that the meter passes through or cannot enter: what a script executes in its
// own place, and what it starts. Known by looking at living processes, which tells most of them; and by what
// the library told of those that were gone before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "run/notices.h"

namespace heapmeter::cli {

struct Uncounted {
  int pid = 0;
  std::string program;  // its path
  std::string why;      // in doctor's words
  std::uint64_t runs = 1;
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

// With those that the library told of, by `library` as it would be loaded into them.
std::vector<Uncounted> with_unentered(std::vector<Uncounted> seen, const std::vector<Unentered> &told,
                                      const std::filesystem::path &library);

}  // namespace heapmeter::cli
