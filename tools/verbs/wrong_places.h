// SPDX-License-Identifier: MIT
//
// Names for the places of a process's wrong calls, where it notes which code allocates.
#pragma once

#include <chrono>

#include "readings/reading.h"
#include "readings/target.h"

namespace heapmeter::cli {

// A living process is asked, unless there is nothing to ask for. One that does not answer has no places.
void find_places(Reading &reading, const Target &target, std::chrono::milliseconds patience);
// Of a report.
void find_reported_places(Reading &reading);

}  // namespace heapmeter::cli
