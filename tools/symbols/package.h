// SPDX-License-Identifier: MIT
//
// Which Debian package a file is of, by the lists that dpkg keeps.
#pragma once

#include <string>

namespace heapmeter::cli::symbols {

inline constexpr const char *kPackageLists = "/var/lib/dpkg/info";  // of this machine

// "" when none is, or where dpkg keeps no lists.
std::string package_of(const std::string &path, const std::string &lists = kPackageLists);

}  // namespace heapmeter::cli::symbols
