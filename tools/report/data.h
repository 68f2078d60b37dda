// SPDX-License-Identifier: MIT
//
// A recording as a page that a browser opens by itself: of each life at most so many moments as a screen has
// columns.
#pragma once

#include <string>
#include <vector>

#include "report/text_view.h"

namespace heapmeter::cli::report {

std::string page(const Story &story, const std::vector<Told> &lives);

}  // namespace heapmeter::cli::report
