// SPDX-License-Identifier: MIT
//
// All that may be known of a process. What is not known leads to no verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "readings/account.h"
#include "readings/reading.h"
#include "readings/size_classes.h"
#include "system/limits.h"
#include "verdicts/series.h"

namespace heapmeter::cli::verdicts {

struct Observed {
  Series series = {};
  std::optional<Reading> reading = {};  // the last one
  std::optional<Account> account = {};
  std::vector<SizeClass> classes_before = {}, classes = {};  // at the series' beginning and end
  std::vector<std::string> owners = {};  // who keeps memory beside malloc: "Python's arenas"
  std::vector<MemoryLimit> limits = {};  // besides the control group's, which the account has
  bool ended = false;                    // the process has, so that nothing is to be watched for
};

}  // namespace heapmeter::cli::verdicts
