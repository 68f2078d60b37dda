// SPDX-License-Identifier: MIT
//
// What an opened process is asked besides its snapshot: size classes, threads and the account; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account.h"
#include "size_classes.h"
#include "thread_list.h"

namespace heapmeter::cli::tui {

struct BusyThread {
  int tid = 0;
  std::string name;
  ThreadTotals totals;
  std::optional<double> allocations, bytes;  // a second, lately; none for a thread just seen

  double net() const {
    return static_cast<double>(totals.allocated_bytes) - static_cast<double>(totals.freed_bytes);
  }
};

struct Inspection {
  std::string key;  // of the process; "" when there is none yet
  double now = 0;   // seconds
  std::vector<SizeClass> sizes = {};
  std::vector<BusyThread> threads = {};  // the busiest first
  ThreadTotals exited = {};
  std::string complaint = {};  // why what is above is old, or missing
  std::optional<Account> account = {};
  std::string account_complaint = {};  // likewise

  void take_threads(ThreadList list, double seconds);
};

}  // namespace heapmeter::cli::tui
