// SPDX-License-Identifier: MIT
//
// The same row again and again: what hangs once in a thousand runs hangs in production.
#pragma once

#include <string>
#include <vector>

#include "row.h"

namespace heapmeter::testing::matrix {

// Runs the rows marked for it, or those named, `times` times on both backends. Prints a line for each, one
// for every hundred runs of it, and what went wrong; returns an exit code.
int repeat(const Group &group, long times, const std::vector<std::string> &rows);

}  // namespace heapmeter::testing::matrix
