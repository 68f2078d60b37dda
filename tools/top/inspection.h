// SPDX-License-Identifier: MIT
//
// What an opened process is asked besides its snapshot: size classes, threads and the account; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "doctor/runtime_heaps.h"
#include "readings/account.h"
#include "readings/thread_list.h"
#include "system/limits.h"
#include "top/code.h"
#include "views/class_table.h"

namespace heapmeter::cli::tui {

// Allocated less freed.
inline double net_of(const ThreadTotals &totals) {
  return static_cast<double>(totals.allocated_bytes) - static_cast<double>(totals.freed_bytes);
}

struct BusyThread {
  int tid = 0;
  std::string name;
  ThreadTotals totals;
  std::optional<double> allocations, bytes;  // a second, lately; none for a thread just seen
  double change = 0;                         // of net() since the first look

  double net() const { return net_of(totals); }
};

struct Inspection {
  Inspection() = default;
  explicit Inspection(std::string process) : key(std::move(process)) {}

  std::string key = {};                  // of the process; "" when there is none yet
  double now = 0;                        // seconds
  std::vector<ClassChange> sizes = {};   // since the first look; by ascending size
  std::vector<BusyThread> threads = {};  // the busiest first
  ThreadTotals exited = {};
  double exited_change = 0;    // of their net, less what those that ended meanwhile had at the first look
  std::string complaint = {};  // why what is above is old, or missing
  std::optional<Account> account = {};
  std::string account_complaint = {};  // likewise
  std::vector<OwnMemory> owners = {};  // who has memory that is not malloc's, where that is much
  std::vector<MemoryLimit> limits = {};
  std::optional<Code> code = {};  // none where it is not asked for

  void take_sizes(std::vector<SizeClass> classes);
  void take_threads(ThreadList list, double seconds);
  // At the first look and the last.
  const std::vector<SizeClass> &first_sizes() const { return first_sizes_ ? *first_sizes_ : last_sizes_; }
  const std::vector<SizeClass> &last_sizes() const { return last_sizes_; }

 private:
  void compare_threads();

  // As the first look found them; again after an exec, which begins to count anew.
  std::optional<std::vector<SizeClass>> first_sizes_ = {};
  std::vector<SizeClass> last_sizes_ = {};
  std::optional<std::map<int, double>> first_nets_ = {};  // by tid; of the exited by 0
};

}  // namespace heapmeter::cli::tui
