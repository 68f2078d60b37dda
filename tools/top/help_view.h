// SPDX-License-Identifier: MIT
//
// The help screen: keys, and what the columns mean; pure.
#pragma once

#include "top/state.h"

namespace heapmeter::cli::tui {

// Brings state.scroll back to where there is something to see.
Canvas draw_help(int width, int height, State &state);

}  // namespace heapmeter::cli::tui
