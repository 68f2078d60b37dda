// SPDX-License-Identifier: MIT
//
// Which code holds what in a running program, as last read, for the case that it leaves no report: of those
// that held most at some time, and so seldom that it costs the program little.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "readings/census.h"

namespace heapmeter::cli {

struct LiveSites {
  int pid = 0;
  std::uint64_t counting_since_ns = 0;  // of this program in that process
  double taken = 0;                     // seconds since the start of the run
  std::string page;                     // as it came
};

class LiveSitesReader {
 public:
  // Reads those of whoever holds most, when it is time.
  void look(const std::vector<Member> &members, double now);
  const std::vector<LiveSites> &taken() const { return taken_; }

 private:
  std::vector<LiveSites> taken_;
  double next_ = 0;
};

}  // namespace heapmeter::cli
