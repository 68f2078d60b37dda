// SPDX-License-Identifier: MIT
//
// The control group a process is in, its memory limit and use; version 1 and 2. The limit is the tightest on
// the way up; a container sees only its own part of that way.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace heapmeter::cli {

struct Cgroup {
  int version = 2;
  std::string path;
  std::uint64_t used_bytes = 0;
  std::optional<std::uint64_t> limit_bytes;  // empty: none
  std::uint64_t file_bytes = 0;  // of what is used: files in memory, which go before anything fails
};

// Where the memory controller of a process lies, from the text of /proc/PID/cgroup and of
// /proc/self/mountinfo; pure.
struct CgroupPlace {
  int version = 2;
  std::string path;                    // as the process's file has it
  std::filesystem::path mount, group;  // mount is where to stop going up
};
std::optional<CgroupPlace> find_cgroup(std::string_view cgroup, std::string_view mountinfo);

// Empty when its figures are not to be read, or it is the root group, which has none.
std::optional<Cgroup> read_cgroup(const CgroupPlace &place);
std::optional<Cgroup> cgroup_of(int pid);

// How many processes and threads its groups let there be (pids.max); empty when there is no limit, or none to
// be read.
std::optional<std::uint64_t> process_limit_of(int pid);

}  // namespace heapmeter::cli
