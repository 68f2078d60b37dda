// SPDX-License-Identifier: MIT
//
// A line of comma-separated values, quoted as RFC 4180 has it where that is needed; pure. Lines end with a
// newline alone, as awk, cut and join want them.
#pragma once

#include <string>
#include <vector>

namespace heapmeter::cli {

std::string csv_line(const std::vector<std::string> &values);

}  // namespace heapmeter::cli
