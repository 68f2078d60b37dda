// SPDX-License-Identifier: MIT
//
// Which Debian package a file is of, by the lists that dpkg keeps.
#pragma once

#include <string>

namespace heapmeter::cli::symbols {

// "" when none is, or where dpkg keeps no lists (by default, those of this machine).
std::string package_of(const std::string &path, const std::string &lists = "/var/lib/dpkg/info");

}  // namespace heapmeter::cli::symbols
