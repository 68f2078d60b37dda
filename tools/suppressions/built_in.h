// SPDX-License-Identifier: MIT
//
// Rules for what libc and libstdc++ lose by themselves, in every program: nobody who uses them can mend it.
#pragma once

#include <vector>

#include "suppressions/rule.h"

namespace heapmeter::cli::suppressions {

// Each with the reason in `why`.
const std::vector<Rule> &built_in_rules();

}  // namespace heapmeter::cli::suppressions
