// SPDX-License-Identifier: MIT
//
// Which code holds most, and what grew most; pure.
#pragma once

#include "top/code.h"
#include "top/panel.h"

namespace heapmeter::cli::tui {

// `pid` is for what to do where no code is noted.
Canvas code_panel(const Code &code, int pid, PanelLook look);

}  // namespace heapmeter::cli::tui
