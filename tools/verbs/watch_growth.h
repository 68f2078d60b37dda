// SPDX-License-Identifier: MIT
//
// heapmeter leaks --growth: reads which code holds what, again and again, and judges it.
#pragma once

#include <string>

#include "readings/target.h"
#include "views/growth.h"

namespace heapmeter::cli {

// "60s", "5m". Throws UserError (kUsage).
double growth_seconds(const std::string &text);

// Takes as long as that. Throws UserError where the process does not attribute every allocation.
GrowthView watch_growth(const Target &target, double seconds);

}  // namespace heapmeter::cli
