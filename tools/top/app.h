// SPDX-License-Identifier: MIT
//
// The loop of the full-screen view: waits for keys, signals and readings, changes the state, draws it.
#pragma once

#include <optional>

#include "readings/census.h"
#include "top/state.h"

namespace heapmeter::cli::tui {

// Whose readings it takes.
struct Subject {
  std::optional<Endpoint> opened = {};  // what the state has open, if it does, wherever its socket is
  Census::Finder group = {};            // instead of all processes
};

// Until the user leaves: then 0; or until a signal that ends programs: then its number, for the caller to
// obey when the terminal is as it was. Throws UserError.
int run_app(State state, Subject subject, bool ascii, bool mouse);

}  // namespace heapmeter::cli::tui
