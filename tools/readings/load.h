// SPDX-License-Identifier: MIT
//
// What a process did while a load ran, once or several times: exact differences of its counters; pure, and as
// JSON that can be compared with later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/class_changes.h"
#include "readings/difference.h"

namespace heapmeter::cli {

struct LoadCost {
  double seconds = 0;
  double allocations = 0, frees = 0, reallocations = 0;
  double allocated_bytes = 0, freed_bytes = 0;
  double kept_bytes = 0, kept_blocks = 0;  // negative when it holds less than before
};

// In the order in which they are shown and written.
struct CostField {
  const char *name, *label;
  bool of_bytes;
  double LoadCost::*value;
};
inline constexpr CostField kCostFields[] = {
    {"allocations", "allocations", false, &LoadCost::allocations},
    {"frees", "frees", false, &LoadCost::frees},
    {"reallocations", "reallocations", false, &LoadCost::reallocations},
    {"allocated_bytes", "allocated", true, &LoadCost::allocated_bytes},
    {"freed_bytes", "freed", true, &LoadCost::freed_bytes},
    {"kept_bytes", "kept", true, &LoadCost::kept_bytes},
    {"kept_blocks", "kept blocks", false, &LoadCost::kept_blocks},
};

// What some code made and kept.
struct KeptCode {
  std::string code;   // by which it is known in another build: functions, without their lines
  std::string place;  // for eyes
  double bytes = 0, blocks = 0;
};

struct Load {
  std::string process, name;  // whose; the load's own
  std::int64_t per = 1;       // requests in each run of it
  std::vector<LoadCost> runs;
  // By all runs together, what grew most first: classes that hold more or fewer; code, where it was asked
  // for.
  std::vector<ClassChange> kept;
  bool has_code = false;
  std::vector<KeptCode> code;

  LoadCost sum() const;  // of all runs
  // Of each field the middle of all runs.
  LoadCost middle() const;
  // How far runs lie from the middle, up or down; 0 of a single run.
  LoadCost noise() const;
};

LoadCost load_cost(const Difference &difference);
// Those of one more run to those of the runs before.
void add_kept(std::vector<ClassChange> &all, const std::vector<ClassChange> &of_run);

boost::json::object load_json(const Load &load);
// What load_json wrote, kept in a file. Throws UserError.
Load parse_load(std::string_view text, const std::string &where);

}  // namespace heapmeter::cli
