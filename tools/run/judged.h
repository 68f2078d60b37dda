// SPDX-License-Identifier: MIT
//
// What a run was like, as far as its readings tell; pure.
#pragma once

#include <vector>

#include "run/summary.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli {

// Of the program itself, or where it started others, of all together.
std::vector<verdicts::Verdict> judged(const RunResult &result);

}  // namespace heapmeter::cli
