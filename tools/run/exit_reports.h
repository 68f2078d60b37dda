// SPDX-License-Identifier: MIT
//
// The reports metered processes write at their exit, in a private directory that lives as long as this
// object and the processes that outlive it (a later run removes it then), or where the user's own
// HEAPMETER_REPORT says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/relative.h"

namespace heapmeter::cli {

class ExitReports {
 public:
  ExitReports();
  ~ExitReports();
  ExitReports(const ExitReports &) = delete;
  ExitReports &operator=(const ExitReports &) = delete;

  // For HEAPMETER_REPORT; empty when what the user has set stands.
  const std::string &pattern() const { return pattern_; }

  std::optional<Reading> of_process(int pid) const;
  // Of the others that ended by now.
  std::vector<Relative> of_others(int pid) const;
  // Processes started with this pattern that are alive and metered; they will still want the directory.
  std::vector<int> still_running() const;

 private:
  std::string directory_;  // "" when the user has his own
  std::string pattern_;    // likewise
};

}  // namespace heapmeter::cli
