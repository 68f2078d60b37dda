// SPDX-License-Identifier: MIT
//
// Verdicts from what was observed; pure.
#pragma once

#include <vector>

#include "verdicts/observed.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli::verdicts {

// What matters most first; at least one.
std::vector<Verdict> judge(const Observed &observed);

}  // namespace heapmeter::cli::verdicts
