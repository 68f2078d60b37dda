// SPDX-License-Identifier: MIT
//
// Marks of living processes, and from a mark back to the process it was taken of, if that still lives here.
#pragma once

#include "readings/mark.h"

namespace heapmeter::cli {

// For verbs that read once: throws UserError when it has ended, too.
Mark mark_living(const Target &target, const std::string &name);

// Throws UserError: it has ended, its pid is another's now, or it was on another machine.
Target marked_process(const Mark &mark);

// The same without a word: the pid of the process it is of, or 0 where that is not here, or no more.
int living_pid(const Mark &mark);

}  // namespace heapmeter::cli
