// SPDX-License-Identifier: MIT
//
// Whether a program can be metered, before it is started: what LD_PRELOAD cannot reach or would break, what
// it has and the meter cannot see, and what the environment says. A script is its interpreter.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "doctor/finding.h"
#include "doctor/runtime_heaps.h"

namespace heapmeter::cli {

// As this process would start it, with the library in front of what LD_PRELOAD has. Throws UserError when the
// #! line of a script leads nowhere.
Findings program_findings(const std::string &program, const std::filesystem::path &library);

// What the environment switches off, for a program of this file name.
void check_switches(const std::string &name, const Lookup &variable, Findings &out);
// Another environment than a program finds in its own right.
void check_environment(const Lookup &variable, Findings &out);

}  // namespace heapmeter::cli
