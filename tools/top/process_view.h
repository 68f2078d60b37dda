// SPDX-License-Identifier: MIT
//
// One process as a picture: figures, a chart of live bytes over time, and panels for size classes, threads,
// kinds of call, wrong calls and the account; pure.
#pragma once

#include "top/inspection.h"
#include "top/state.h"

namespace heapmeter::cli::tui {

// Brings state.scroll back to where there is something to see. The row is null before the first reading.
Canvas draw_process(int width, int height, const Board &board, const Row *row, const Inspection &inspection,
                    State &state, const Look &look);

// All of it, for `top --once TARGET`: as high as it needs, and with a chart once there is a course to be
// seen.
Canvas draw_whole_process(int width, const Board &board, const Row &row, const Inspection &inspection,
                          const State &state, const Look &look);

}  // namespace heapmeter::cli::tui
