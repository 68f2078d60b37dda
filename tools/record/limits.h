// SPDX-License-Identifier: MIT
//
// How near a process is to what would end it for want of memory: the limit of a control group on its way up,
// its own limits of address space and data, the machine's memory. What the kernel can take back at once
// (files that are cached) does not count as used.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "record/moment.h"
#include "system/cgroup.h"

namespace heapmeter::cli::record {

struct Nearness {
  LimitKind kind = kNoLimit;
  std::uint64_t used_bytes = 0, limit_bytes = 0;

  double share() const {
    return limit_bytes == 0 ? 0 : static_cast<double>(used_bytes) / static_cast<double>(limit_bytes);
  }
};

// Bytes of a group that count towards its limit and cannot be taken back at once, by its memory.stat; pure.
std::uint64_t firmly_used(std::uint64_t used, std::string_view memory_stat, int version);
// Used and there, from /proc/meminfo; pure.
Nearness of_machine(std::string_view meminfo);
// Of /proc/vmstat; 0 of a kernel that does not count them. Pure.
std::uint64_t oom_kills(std::string_view vmstat);

class Limits {
 public:
  // What follows is of now.
  void look();
  Nearness of(int pid);
  // The path of its group, "" when it has none.
  std::string group_of(int pid);
  // Since the last look.
  std::uint64_t kills() const { return kills_; }

 private:
  Nearness of_group(int pid);
  std::optional<Nearness> level(const std::filesystem::path &group, int version);
  const std::optional<CgroupPlace> &place_of(int pid);

  std::map<int, std::optional<CgroupPlace>> places_, places_before_;
  std::map<std::string, std::optional<Nearness>> levels_;
  Nearness machine_;
  std::uint64_t kills_ = 0;
  std::optional<std::uint64_t> all_kills_;
};

}  // namespace heapmeter::cli::record
