// SPDX-License-Identifier: MIT
//
// Runs one row in one mode, and says how the result compares with the unmetered one.
#pragma once

#include <string>

#include "row.h"

namespace heapmeter::testing::matrix {

// A run, and how long it took; the row's own assertions are not made yet.
struct Trial {
  Run run;
  double seconds = 0;
};

// The meter may be null in the modes that have none; it must outlive the trial.
Trial run_row(const Row &row, Mode mode, const Meter *meter);

// How a run differs from the unmetered one, in a few words; "" when it does not.
std::string difference(const Outcome &plain, const Outcome &other);

}  // namespace heapmeter::testing::matrix
