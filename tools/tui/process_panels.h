// SPDX-License-Identifier: MIT
//
// The panels below the chart of one process; pure.
#pragma once

#include <vector>

#include "tui/columns.h"
#include "tui/inspection.h"
#include "tui/panel.h"

namespace heapmeter::cli::tui {

// Of a row that has a reading: size classes, threads, account, calls, wrong calls.
std::vector<Canvas> process_panels(const Row &row, const Inspection &inspection, const PanelLook &look);

}  // namespace heapmeter::cli::tui
