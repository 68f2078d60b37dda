// SPDX-License-Identifier: MIT
//
// Verdicts as a person reads them, and as JSON; pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "text/terminal.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli {

// Each with its evidence and its limit below, not wider than so many columns; 0 is as wide as it comes.
std::string verdicts_text(const std::vector<verdicts::Verdict> &verdicts, const Paint &paint, int columns);
boost::json::array to_json(const std::vector<verdicts::Verdict> &verdicts);

}  // namespace heapmeter::cli
