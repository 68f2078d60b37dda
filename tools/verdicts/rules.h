// SPDX-License-Identifier: MIT
//
// One rule for each subject: it has nothing to say where it has no data, or finds nothing.
#pragma once

#include <optional>

#include "verdicts/observed.h"
#include "verdicts/trend.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli::verdicts {

// Of live over time. Of a single reading, and of too few, that it takes more.
std::optional<Verdict> course(const Observed &observed, const Trend &trend);
std::optional<Verdict> peak_kept_or_fragmentation(const Observed &observed, const Trend &trend);
std::optional<Verdict> peak_over(const Observed &observed);
std::optional<Verdict> growth_beside(const Observed &observed);
std::optional<Verdict> not_mallocs(const Observed &observed);
std::optional<Verdict> near_limit(const Observed &observed, const Trend &trend);
std::optional<Verdict> swapping(const Observed &observed);
std::optional<Verdict> wrong_calls(const Observed &observed);

std::optional<Verdict> lost(const Observed &observed);

}  // namespace heapmeter::cli::verdicts
