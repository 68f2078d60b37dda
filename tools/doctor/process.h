// SPDX-License-Identifier: MIT
//
// What stands between a running process and the meter, from what the kernel shows of it: whether the library
// is in it, whether it counts, and why it cannot be read.
#pragma once

#include <string>

#include "doctor/finding.h"

namespace heapmeter::cli {

// With what keeps us from reading it first. `served` when its socket was found. Throws UserError when there
// is no such process, or none that we may look at.
Findings process_findings(int pid, bool served);

// The libheapmeter.so in it, "" when there is none.
std::string library_of(int pid);

}  // namespace heapmeter::cli
