// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "doctor/finding.h"

namespace heapmeter::cli {

// What became of HEAPMETER_HUGE_PAGES=on in this process, by the word that its snapshot has for it.
std::optional<Finding> huge_pages_finding(const std::string &who, const std::string &word);

}  // namespace heapmeter::cli
