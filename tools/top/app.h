// SPDX-License-Identifier: MIT
//
// The loop of the full-screen view: waits for keys, signals and readings, changes the state, draws it.
#pragma once

#include <optional>

#include "top/state.h"

namespace heapmeter::cli::tui {

// `opened` is what the state has open, if it does, wherever its socket is. Until the user leaves: then 0; or
// until a signal that ends programs: then its number, for the caller to obey when the terminal is as it was.
// Throws UserError.
int run_app(State state, std::optional<Endpoint> opened, bool ascii);

}  // namespace heapmeter::cli::tui
