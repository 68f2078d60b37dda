// SPDX-License-Identifier: MIT
//
// The tool does not meter itself: with libheapmeter.so in the shell's LD_PRELOAD it starts itself anew
// without, before it does anything, and remembers the list for the programs that `run` starts.
#pragma once

#include <string>

namespace heapmeter::cli::unmetered {

// Returns at once when the library is not in LD_PRELOAD; else does not return, or goes on metered when the
// kernel refuses to start us again.
void ensure(char **argv);

// LD_PRELOAD as the user had it.
std::string inherited_preload();

}  // namespace heapmeter::cli::unmetered
