// SPDX-License-Identifier: MIT
//
// What this process changed about signals, so that a program it starts can be given back what was there, and
// what whoever started it changed.
#pragma once

#include <signal.h>

namespace heapmeter::cli::signals {

inline struct sigaction inherited_pipe = {};

// A reader that goes away is an error of write() here, see output.h.
inline void ignore_pipe() {
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &inherited_pipe);
}

inline void restore_pipe() { sigaction(SIGPIPE, &inherited_pipe, nullptr); }

// By whoever started us (nohup, a script for its background): then it stays so. Held back, it would come.
inline bool is_ignored(int number) {
  struct sigaction now = {};
  return sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace heapmeter::cli::signals
