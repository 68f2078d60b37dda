// SPDX-License-Identifier: MIT
//
// How a verb that takes one process or several is told which.
#pragma once

#include "targets/wanted.h"
#include "verbs/arguments.h"

namespace heapmeter::cli {

// TARGET, --below and --cgroup.
void add_targets(Parser &parser, Wanted &wanted);
// The last two, where the verb itself takes the word.
void add_group_options(Parser &parser, Wanted &wanted);

}  // namespace heapmeter::cli
