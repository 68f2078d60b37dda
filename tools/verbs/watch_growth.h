// SPDX-License-Identifier: MIT
//
// heapmeter leaks --growth: reads which code holds what, again and again, and judges it.
#pragma once

#include <string>
#include <vector>

#include "targets/chosen.h"
#include "views/growth.h"

namespace heapmeter::cli {

// "60s", "5m". Throws UserError (kUsage).
double growth_seconds(const std::string &text);

// Takes as long as that. Of a group whoever cannot be watched, or ends meanwhile, is told in the view,
// besides the others. Throws UserError where the only one, or none, attributes every allocation, and
// ProcessEnded.
GrowthView watch_growth(const Chosen &chosen, double seconds, std::vector<Unreached> others);

}  // namespace heapmeter::cli
