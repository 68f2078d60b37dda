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
#include "verdicts/series.h"

namespace heapmeter::cli::verdicts {

// Of what the kernel gives, besides the control group's, which the account has.
struct Limit {
  std::string name;  // as in "the limit of address space (ulimit -v)"
  std::uint64_t used_bytes = 0, limit_bytes = 0;
};

struct Observed {
  Series series = {};
  std::optional<Reading> reading = {};  // the last one
  std::optional<Account> account = {};
  std::vector<SizeClass> classes_before = {}, classes = {};  // at the series' beginning and end
  std::vector<std::string> owners = {};  // who keeps memory beside malloc: "Python's arenas"
  std::vector<Limit> limits = {};
  bool ended = false;  // the process has, so that nothing is to be watched for
};

}  // namespace heapmeter::cli::verdicts
