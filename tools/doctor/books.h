// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include "doctor/finding.h"

namespace heapmeter::cli {

// Where the meter's own books gave up in this process, by the fields of its snapshot.
Findings book_findings(const std::string &who, const boost::json::object &snapshot);

}  // namespace heapmeter::cli
