// SPDX-License-Identifier: MIT
//
// A snapshot as a process might send it, with some fields of the test's own.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>

namespace heapmeter::testing {

inline boost::json::object snapshot_object() {
  return {{"version", "0.1.0"},
          {"protocol", 1},
          {"pid", 123},
          {"parent_pid", 1},
          {"start_time", 456},
          {"name", "prog"},
          {"backend", "mimalloc"},
          {"uptime_seconds", 2.5},
          {"monotonic_ns", 5'000'000'000},
          {"live_bytes", 4000},
          {"live_blocks", 40},
          {"usable_bytes", 4480},
          {"peak_bytes", 5000},
          {"allocations", 100},
          {"frees", 60},
          {"allocated_bytes", 10'000},
          {"freed_bytes", 6000},
          {"threads", 1},
          {"allocations_by_kind", {{"malloc", 90}, {"new_array", 10}}},
          {"frees_by_kind", {{"free", 60}}},
          {"faults", boost::json::array()}};
}

inline std::string snapshot_text(const boost::json::object &changes = {}) {
  boost::json::object object = snapshot_object();
  for (const auto &change : changes) object[change.key()] = change.value();
  return boost::json::serialize(object);
}

}  // namespace heapmeter::testing
