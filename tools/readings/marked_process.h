// SPDX-License-Identifier: MIT
//
// From a mark back to the process it was taken of, if that still lives here.
#pragma once

#include "readings/mark.h"

namespace heapmeter::cli {

inline constexpr std::chrono::milliseconds kMarkPatience{2000};

// Throws UserError: it has ended, its pid is another's now, or it was on another machine.
Target marked_process(const Mark &mark);

}  // namespace heapmeter::cli
