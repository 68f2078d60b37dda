// SPDX-License-Identifier: MIT
//
// What verdicts about a living process are made of.
#pragma once

#include <chrono>

#include "readings/target.h"
#include "verdicts/observed.h"

namespace heapmeter::cli {

// With its size classes, limits, and where much is not malloc's, whose that is.
verdicts::Observed observe(const Target &target, const Reading &reading, const Account &account,
                           std::chrono::milliseconds patience);

}  // namespace heapmeter::cli
