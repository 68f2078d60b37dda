// SPDX-License-Identifier: MIT
//
// What `run` says when the program has ended: where its numbers come from is part of it; pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "run/result.h"
#include "text/terminal.h"

namespace heapmeter::cli {

// Why the program left no report; why, most likely, nothing at all is known of its heap.
std::string missing_report_reason(const RunResult &result);
std::vector<std::string> missing_reading_reasons(const RunResult &result);

// It and all it started.
Tree tree_of(const RunResult &result);

std::string summary_text(const RunResult &result, const Paint &paint, const Page &page);
boost::json::object summary_json(const RunResult &result);

}  // namespace heapmeter::cli
