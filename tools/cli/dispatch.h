// SPDX-License-Identifier: MIT
//
// From the command line to a verb: finds it, runs it, prints the one error line, settles the exit code.
#pragma once

namespace heapmeter::cli {

int dispatch(int argc, char **argv);

}  // namespace heapmeter::cli
