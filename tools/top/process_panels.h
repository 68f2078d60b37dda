// SPDX-License-Identifier: MIT
//
// The panels below the chart of one process; pure.
#pragma once

#include <vector>

#include "top/columns.h"
#include "top/inspection.h"
#include "top/panel.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli::tui {

// Of a row that has a reading: size classes, threads, account, calls, wrong calls, and as it was judged.
std::vector<Canvas> process_panels(const Row &row, const Inspection &inspection,
                                   const std::vector<verdicts::Verdict> &verdicts, const PanelLook &look);

}  // namespace heapmeter::cli::tui
