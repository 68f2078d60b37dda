// SPDX-License-Identifier: MIT
//
// A recording as one picture, for where no script runs: live bytes over time of those that are worth it.
#pragma once

#include <string>
#include <vector>

#include "report/text_view.h"

namespace heapmeter::cli::report {

std::string svg(const Story &story, const std::vector<Told> &lives);

}  // namespace heapmeter::cli::report
