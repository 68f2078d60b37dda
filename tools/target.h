// SPDX-License-Identifier: MIT
//
// From what the user typed (a pid, a name, a socket's path) to one living, metered process, or to the reason
// why there is none.
#pragma once

#include <string>

#include "reading.h"

namespace heapmeter::cli {

struct Target {
  Endpoint endpoint;
  int local_pid = 0;  // 0 when it runs in a pid namespace we do not see

  // "name (pid)"
  std::string label() const;
};

// Throws UserError.
Target resolve_target(const std::string &text);

// The endpoint of this process, if it has one by now; looks where the process itself would have put it.
bool find_endpoint(int pid, Target &out);

// The same, of one that may have just started and is about to bind.
bool await_endpoint(int pid, Target &out);

// A reading; throws UserError with what is wrong with the process and what to do, and ProcessEnded.
struct ProcessEnded {};
Reading read_target(const Target &target, std::chrono::milliseconds patience);

}  // namespace heapmeter::cli
