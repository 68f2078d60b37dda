// SPDX-License-Identifier: MIT
//
// What the kernel says of a process's names, parents and control groups, from a directory such as /proc.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "targets/wanted.h"

namespace heapmeter::cli {

// Empty when it is gone. What may not be read is empty in it.
std::optional<Kin> kin_of(int pid, const std::filesystem::path &proc = "/proc");
// Its command line on one line, every control character and byte that is not UTF-8 a question mark; in
// brackets its name where it has none, "" when it is gone.
std::string command_of(int pid, const std::filesystem::path &proc = "/proc");

}  // namespace heapmeter::cli
