// SPDX-License-Identifier: MIT
//
// What several processes say, as if one had said it; pure. Counters are added up. The peak of all at once is
// not known, only between what: `peak_bytes` is its middle and `peak_error_bytes` how far it may be off.
#pragma once

#include <string>
#include <vector>

#include "readings/reading.h"
#include "readings/size_classes.h"
#include "readings/thread_list.h"

namespace heapmeter::cli {

inline constexpr const char *kSeveral = "several";  // where they differ in a word

// Its pid is 0. `fields` has what a snapshot has, as far as it has a sum.
Reading merged(const std::vector<const Reading *> &readings, const std::string &name);
std::vector<SizeClass> merged(const std::vector<const std::vector<SizeClass> *> &lists);
ThreadList merged(const std::vector<const ThreadList *> &lists);

}  // namespace heapmeter::cli
