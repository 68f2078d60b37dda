// SPDX-License-Identifier: MIT
//
// What a run was like, as far as its readings tell; pure.
#pragma once

#include <vector>

#include "run/result.h"
#include "run/tree.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli {

std::vector<verdicts::Verdict> judged(const RunResult &result, const Tree &tree);

}  // namespace heapmeter::cli
