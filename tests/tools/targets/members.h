// SPDX-License-Identifier: MIT
//
// Processes as a census might have found them.
#pragma once

#include <string>

#include "readings/census.h"
#include "tools/snapshot_text.h"

namespace heapmeter::testing {

inline std::shared_ptr<const cli::Reading> reading_at(int pid, const std::string &name, std::uint64_t live,
                                                      double seconds, std::uint64_t allocations) {
  return std::make_shared<const cli::Reading>(
      cli::parse_reading(snapshot_text({{"pid", pid},
                                        {"name", name},
                                        {"live_bytes", live},
                                        {"live_blocks", live / 100},
                                        {"usable_bytes", live},
                                        {"peak_bytes", live + 100},
                                        {"allocations", allocations},
                                        {"frees", allocations - live / 100},
                                        {"allocated_bytes", 2 * live},
                                        {"freed_bytes", live},
                                        {"uptime_seconds", seconds},
                                        {"counting_since_ns", 7},
                                        {"monotonic_ns", static_cast<std::uint64_t>(seconds * 1e9)}})));
}

// Which has grown by so much within a second.
inline cli::Member member(int pid, const std::string &name, std::uint64_t live, std::int64_t growth = 0) {
  cli::Member member;
  member.local_pid = pid;
  member.endpoint.pid = pid;
  member.parent = 1;
  const auto before = static_cast<std::uint64_t>(static_cast<std::int64_t>(live) - growth);
  member.earlier = reading_at(pid, name, before, 99, 1'000'000);
  member.reading = reading_at(pid, name, live, 100, 1'000'500);
  member.resident = live + 5'000'000;
  return member;
}

}  // namespace heapmeter::testing
