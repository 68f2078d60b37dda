// SPDX-License-Identifier: MIT
//
// A mark as a file might hold it, with a snapshot of the test's own.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>

#include "text/json_text.h"
#include "tools/snapshot_text.h"

namespace heapmeter::testing {

inline boost::json::object class_object(int size, int blocks, int bytes, int allocations) {
  return {{"least_bytes", size - 15},     {"class_bytes", size},           {"live_blocks", blocks},
          {"live_bytes", bytes},          {"usable_bytes", size * blocks}, {"allocations", allocations},
          {"frees", allocations - blocks}};
}

inline boost::json::object thread_object(int tid, const char *name, int allocations, int allocated,
                                         int freed) {
  return {{"tid", tid},
          {"name", name},
          {"allocations", allocations},
          {"frees", allocations / 10},
          {"reallocations", 0},
          {"allocated_bytes", allocated},
          {"freed_bytes", freed}};
}

inline boost::json::object mark_object(const boost::json::object &snapshot = {}) {
  boost::json::object fields = snapshot_object();
  for (const auto &change : snapshot) fields[change.key()] = change.value();
  return {{"format", "heapmeter mark"},
          {"schema", 1},
          {"name", "before"},
          {"time", 1'700'000'000.5},
          {"host", "elsewhere"},
          {"boot_id", "a boot"},
          {"local_pid", 4711},
          {"socket", "/run/4711-456.sock"},
          {"snapshot", fields},
          {"sizes",
           {{"pid", 123},
            {"classes", boost::json::array{class_object(16, 5, 60, 9), class_object(32, 35, 1120, 91)}}}},
          {"threads",
           {{"pid", 123},
            {"start_time", 456},
            {"threads", boost::json::array{thread_object(123, "prog", 60, 6000, 4000),
                                           thread_object(124, "brief", 30, 3000, 1000)}},
            {"exited", thread_object(0, "", 10, 1000, 1000)}}}};
}

inline std::string mark_text(const boost::json::object &snapshot = {}) {
  return cli::json_text(mark_object(snapshot));
}

}  // namespace heapmeter::testing
