// SPDX-License-Identifier: MIT
//
// What each living thread of a process allocated and freed, from the JSON of /v1/threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "client/client.h"

namespace heapmeter::cli {

struct ThreadTotals {
  std::uint64_t allocations = 0, frees = 0, reallocations = 0, allocated_bytes = 0, freed_bytes = 0;

  ThreadTotals &operator+=(const ThreadTotals &other);
};

struct ThreadEntry {
  int tid = 0;       // in the process's own pid namespace
  std::string name;  // the kernel's, of at most 15 letters
  ThreadTotals totals;
  int local_tid = 0;  // in ours; 0 when unseen
};

struct ThreadList {
  int pid = 0;  // in its own pid namespace, as all of it
  std::uint64_t start_time = 0;
  std::vector<ThreadEntry> threads;
  ThreadTotals exited;  // of all threads that are no more
};

// Fills in our tids, by what the process is called here.
void find_local_tids(ThreadList &list, int local_pid);

// Throws NoAnswer.
ThreadList parse_thread_list(std::string_view json);
ThreadList thread_list_of(const boost::json::object &page);
ThreadList take_thread_list(const Endpoint &endpoint, Deadline deadline);

// The library's own, in the process's own pid namespace, from its first page: any thread may have its name. 0
// of an older library. Throws NoAnswer.
int parse_service_thread(std::string_view json);

}  // namespace heapmeter::cli
