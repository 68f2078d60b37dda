// SPDX-License-Identifier: MIT
//
// How a program ended, in words.
#pragma once

#include <string>

#include "run/launch.h"

namespace heapmeter::cli {

// "SIGKILL".
std::string signal_name(int number);
// "ended with exit code 1", "was killed by SIGSEGV (core dumped)".
std::string ending_text(const Ending &ending);

}  // namespace heapmeter::cli
