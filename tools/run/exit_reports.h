// SPDX-License-Identifier: MIT
//
// The reports metered processes write at their exit, and what else they tell of themselves: in a private
// directory that lives as long as this object and the processes that outlive it (a later run removes it
// then); the reports where the user's own HEAPMETER_REPORT says, if there is one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/notices.h"
#include "run/relative.h"

namespace heapmeter::cli {

class ExitReports {
 public:
  ExitReports();
  ~ExitReports();
  ExitReports(const ExitReports &) = delete;
  ExitReports &operator=(const ExitReports &) = delete;

  // For HEAPMETER_RUN; empty where there is no room for one.
  const std::string &directory() const { return directory_; }
  // For HEAPMETER_REPORT; empty when what the user has set stands.
  const std::string &pattern() const { return pattern_; }

  Notices notices() const { return directory_.empty() ? Notices() : read_notices(directory_); }

  std::optional<Reading> of_process(int pid) const;
  // Of the others that ended by now, who are among these where the user has his own place for reports.
  std::vector<Relative> of_others(int pid, const Notices &notices) const;
  // Why there is no room for another report now; "" when there is.
  std::string lack_of_room() const;
  // Processes started with this directory that are alive and metered; they will still want it.
  std::vector<int> still_running() const;

 private:
  std::string directory_;
  std::string pattern_;  // "" when the user has his own
};

}  // namespace heapmeter::cli
