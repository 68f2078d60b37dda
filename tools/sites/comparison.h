// SPDX-License-Identifier: MIT
//
// Two readings compared by what their code is called: of one process, of two, of two builds of a program;
// pure.
#pragma once

#include <optional>
#include <vector>

#include "sites/stacks.h"

namespace heapmeter::cli::sites {

// Whether two profiles tell of the same, and if not, what the later one tells by itself.
enum class Common {
  kAll,        // what the later has more is growth
  kNothing,    // neither tells of sites
  kOnlyAfter,  // attribution began in between, or anew: all that the later has was allocated since
  kOnlyBefore  // it has ended
};
Common common_of(const std::optional<Profile> &before, const std::optional<Profile> &after,
                 bool same_process);

// Likewise of two groups, of which each process goes on by itself. What the later tells nothing of, or noted
// anew, is taken out of the earlier, and who tells of no sites out of both.
Common common_of(std::vector<KeptMember> &before, std::vector<KeptMember> &after);

struct Comparison {
  Stacks stacks;               // changes: live figures are signed
  std::vector<Values> before;  // of each of the stacks
  // Of both, for what neither a stack nor a name tells: no more room in the table, or in the mark.
  Values rest_before, rest_after;
};

// Lines tell code apart where both ran the same build of it, else only functions do.
Comparison compare(const Profile &before, const Stacks &before_stacks, const Profile &after,
                   const Stacks &after_stacks);

}  // namespace heapmeter::cli::sites
