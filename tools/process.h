// SPDX-License-Identifier: MIT
//
// What the kernel says about a process, from /proc. Everything may be gone at any moment: then it is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace heapmeter::cli::process {

struct Status {
  char state = '?';  // as in ps(1): R, S, D, T, Z ...
  int parent = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot
};

std::optional<Status> status(int pid);
std::string name(int pid);     // of at most 15 letters, as top(1) shows it
std::string program(int pid);  // file name of the executable, "" when not to be read
std::optional<uid_t> owner(int pid);
std::optional<std::uint64_t> resident_bytes(int pid);
// Whether libheapmeter.so is mapped; empty when that may not be read.
std::optional<bool> has_library(int pid);
// A variable of the environment the process was started with, "" when unset or not to be read.
std::string variable(int pid, const std::string &name);
// Its pid as itself and its namespace know it.
int innermost_pid(int pid);
// "user nobody", or "user 4711" when he has no name. Not for several threads at once.
std::string user_name(uid_t user);
// "name (12)", or just the pid.
std::string label(int pid);

}  // namespace heapmeter::cli::process
