// SPDX-License-Identifier: MIT
//
// What a click means where it was; pure. The wheel and the other button are keys.
#pragma once

#include "top/state.h"

namespace heapmeter::cli::tui {

// In the list: on a heading sorts by it, and the other way round when it is sorted so; on a row opens it.
void click(State &state, int x, int y, const Board &board, int width, int height);

}  // namespace heapmeter::cli::tui
