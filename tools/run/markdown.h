// SPDX-License-Identifier: MIT
//
// What a run used and which conditions failed, as a pull request's comment; pure.
#pragma once

#include <string>

#include <boost/json/array.hpp>

#include "run/summary.h"

namespace heapmeter::cli {

// `failed`: as the summary's JSON has it.
std::string summary_markdown(const RunResult &result, const boost::json::array &failed);

}  // namespace heapmeter::cli
