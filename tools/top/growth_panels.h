// SPDX-License-Identifier: MIT
//
// Where a process grows: its size classes and its threads, with what changed since it was opened; pure.
#pragma once

#include "top/inspection.h"
#include "top/panel.h"

namespace heapmeter::cli::tui {

// By ascending size, those with the most live bytes and those that grew most; bars are of live bytes.
Canvas sizes_panel(const Inspection &inspection, PanelLook look);
// The busiest by bytes a second first; bars are of that.
Canvas threads_panel(const Inspection &inspection, PanelLook look);

}  // namespace heapmeter::cli::tui
