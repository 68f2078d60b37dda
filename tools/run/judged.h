// SPDX-License-Identifier: MIT
//
// What a run was like, as far as its readings tell; pure.
#pragma once

#include <optional>
#include <vector>

#include "readings/reading.h"
#include "run/shape.h"
#include "run/tree.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli {

// Of a program alone. The last moment of a report is when it has released what it had, and is left out.
std::vector<verdicts::Verdict> judged(const Shape &shape, const std::optional<Reading> &reading,
                                      bool from_report);
// Of it and all it started.
std::vector<verdicts::Verdict> judged(const Shape &together, const Tree &tree);

}  // namespace heapmeter::cli
