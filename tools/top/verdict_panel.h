// SPDX-License-Identifier: MIT
//
// What goes on in an opened process: by its history here, and what it was asked; pure.
#pragma once

#include <vector>

#include "top/board.h"
#include "top/inspection.h"
#include "top/panel.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli::tui {

std::vector<verdicts::Verdict> judged(const Row &row, const Inspection &inspection);
// The most important one, in a line.
void draw_verdict(Canvas &canvas, int y, const std::vector<verdicts::Verdict> &verdicts, bool utf8);
// All of them, with their evidence and limits.
Canvas verdict_panel(const std::vector<verdicts::Verdict> &verdicts, const PanelLook &look);

}  // namespace heapmeter::cli::tui
