// SPDX-License-Identifier: MIT
//
// A recording for machines: every reading as a line of CSV, the whole as JSON.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "report/text_view.h"

namespace heapmeter::cli::report {

void csv(record::Recording &recording, const std::function<void(std::string_view line)> &write);

boost::json::object to_json(const Story &story, const std::vector<Told> &lives);

}  // namespace heapmeter::cli::report
