// SPDX-License-Identifier: MIT
//
// All that may be known of a process. What is not known leads to no verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doctor/own_memory.h"
#include "readings/account.h"
#include "readings/reading.h"
#include "readings/size_classes.h"
#include "system/limits.h"
#include "verdicts/series.h"

namespace heapmeter::cli::verdicts {

// Some code, and how much of it.
struct Code {
  std::string place;  // a function, and who called it
  double bytes = 0, blocks = 0;
};

// Of a program that has ended, of which only the highest figures are known.
struct BeyondMalloc {
  std::string program;
  std::uint64_t bytes = 0, resident_bytes = 0;  // neither files' nor given by malloc; of so many
  std::vector<OwnMemory> owners = {};
};

// The program of a run whose memory beside malloc grew most, over time.
struct Grower {
  std::string program, executable;
  Series series;
  std::vector<OwnMemory> owners = {};
};

// What a look at the exit proved.
struct Lost {
  std::uint64_t blocks = 0, bytes = 0;  // at least
};

struct Observed {
  Series series = {};
  std::optional<Reading> reading = {};  // the last one
  std::optional<Account> account = {};
  std::vector<SizeClass> classes_before = {}, classes = {};  // at the series' beginning and end
  // Where code is noted, most first: what grew since the series' beginning, or since it is noted; what holds
  // blocks small enough to keep a page without filling it; what held most at the peak of what has ended.
  std::vector<Code> growing = {}, holding = {}, at_peak = {};
  std::vector<OwnMemory> owners = {};  // who keeps memory beside malloc: "Python's arenas"
  std::optional<BeyondMalloc> beyond_malloc = {};
  std::optional<Grower> grower = {};
  Lost lost = {};
  std::vector<MemoryLimit> limits = {};  // besides the control group's, which the account has
  bool ended = false;                    // the process has, so that nothing is to be watched for
};

}  // namespace heapmeter::cli::verdicts
