// SPDX-License-Identifier: MIT
//
// Which code holds most, and what grew most; pure.
#pragma once

#include "top/code.h"
#include "top/panel.h"

namespace heapmeter::cli::tui {

// Of code that is noted.
Canvas code_panel(const Code &code, PanelLook look);

}  // namespace heapmeter::cli::tui
