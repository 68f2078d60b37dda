// SPDX-License-Identifier: MIT
//
// What the kernel says about a process, from /proc. Everything may be gone at any moment: then it is empty.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace heapmeter::cli::process {

struct Status {
  char state = '?';  // as in ps(1): R, S, D, T, Z ...
  int parent = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot
  bool of_the_kernel = false;    // a thread of its own, no program
  bool image_of_parent = false;  // the copy of it that a look is taken of
};

std::optional<Status> status(int pid);
// It is no more, or on its way: its memory is gone, and with it what /proc tells of it, before it is.
bool ended(int pid);
std::vector<int> all();
// The pid, or when the first thread has ended before the process, which then has no memory in /proc/PID, the
// tid of another one, which has.
int living_thread(int pid);
std::string name(int pid);     // of at most 15 letters, as top(1) shows it
std::string program(int pid);  // file name of the executable, "" when not to be read
// A user as the user namespace of the process knows him, and back; empty when it does not.
std::optional<uid_t> inner_user(int pid, uid_t outer);
std::optional<uid_t> outer_user(int pid, uid_t inner);
// Of the files in /proc/PID, which are root's when it once changed its user.
std::optional<uid_t> owner(int pid);
// What it may do now: its effective user.
std::optional<uid_t> effective_user(int pid);
// Whether it is one of its users: real, effective, saved, or that of its files.
bool has_user(int pid, uid_t user);
std::optional<std::uint64_t> mapped_bytes(int pid);  // reserved, whatever of it is used
std::optional<std::uint64_t> resident_bytes(int pid);
// Whether libheapmeter.so is mapped; empty when that may not be read.
std::optional<bool> has_library(int pid);
// The files it has mapped, each once; empty when that may not be read. One that is no more ends in "
// (deleted)".
std::optional<std::vector<std::string>> mapped_files(int pid);
// How often it has mapped the beginning of a library of this name.
int copies_of(int pid, const std::string &library);
// Path of the executable as it was, "" when not to be read.
std::string executable(int pid);
// What the kernel was told to execute: of a script its own name. "" when not to be read.
std::string executed_name(int pid);
// Whether it was started with more rights than its user has, so that the dynamic linker took no orders.
bool gained_privileges(int pid);
// 0 none, 1 strict, 2 filter.
int sandbox(int pid);
// How many processes and threads its user may have (RLIMIT_NPROC); empty when unlimited, or not to be read.
std::optional<unsigned long> most_processes(int pid);
// Such as "mnt:[4026531841]", "" when not to be read.
std::string namespace_of(int pid, const char *kind);
// Tells one root directory, in one mount namespace, from any other; "" when not to be read.
std::string root_directory(int pid);
// Whether we are in the same namespace, "mnt", "pid" ...; empty when not to be read.
std::optional<bool> shares_namespace(int pid, const char *kind);
// A variable of the environment the process was started with, "" when unset or not to be read.
std::string variable(int pid, const std::string &name);
// Its pid as itself and its namespace know it.
int innermost_pid(int pid);
// Its threads' tids: as we know them, by those it knows itself.
std::map<int, int> threads(int pid);
// "user nobody", or "user 4711" when he has no name. Not for several threads at once.
std::string user_name(uid_t user);
// "name (12)", or just the pid, to be printed.
std::string label(int pid);

}  // namespace heapmeter::cli::process
