// SPDX-License-Identifier: MIT
//
// From the reports of a program and of those it started to the code that held most in the one that held most.
#pragma once

#include "run/summary.h"
#include "views/sites_at_exit.h"

namespace heapmeter::cli {

SitesAtExit sites_at_exit(const RunResult &result);

}  // namespace heapmeter::cli
