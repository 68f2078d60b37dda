// SPDX-License-Identifier: MIT
//
// Rows of lost blocks with the code that allocated them. Of call stacks that differ in nothing but plumbing
// one row is made.
#pragma once

#include "lost/rows.h"
#include "sites/stacks.h"

namespace heapmeter::cli::lost {

struct NamedRow {
  Row row;
  std::vector<symbols::Frame> frames;  // innermost first; none where no call stack is known
};

// `profile` is of the same process, read after the look.
std::vector<NamedRow> named(const Look &look, sites::Profile profile, const sites::Naming &naming);
// Of rows whose sums add up: what was found at exits.
std::vector<NamedRow> named(const std::vector<Row> &rows, sites::Profile profile,
                            const sites::Naming &naming);
// The profile with nothing but the stacks that lost blocks are from: what there is to be named.
sites::Profile only_lost(const Look &look, sites::Profile profile);
sites::Profile only_lost(const std::vector<Row> &rows, sites::Profile profile);

}  // namespace heapmeter::cli::lost
