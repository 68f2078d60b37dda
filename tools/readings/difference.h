// SPDX-License-Identifier: MIT
//
// Two marks compared: totals, size classes, threads, each sorted by growth; pure. difference_view prints it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/class_changes.h"
#include "readings/mark.h"

namespace heapmeter::cli {

struct Total {
  const char *field, *label;
  bool of_bytes, has_rate;
  std::uint64_t before, after;
  // How far off they may be, up or down.
  std::uint64_t error_before = 0, error_after = 0;

  std::int64_t change() const { return static_cast<std::int64_t>(after - before); }
};

// Of one process a thread, by its tid. Of two all threads of one name, for tids say nothing then: tid is 0.
struct ThreadChange {
  int tid = 0;
  std::string name;
  ThreadTotals before, after;

  std::int64_t allocations() const { return since(&ThreadTotals::allocations); }
  std::int64_t frees() const { return since(&ThreadTotals::frees); }
  std::int64_t allocated() const { return since(&ThreadTotals::allocated_bytes); }
  std::int64_t freed() const { return since(&ThreadTotals::freed_bytes); }
  std::int64_t net() const { return allocated() - freed(); }
  bool idle() const { return allocations() == 0 && frees() == 0 && allocated() == 0 && freed() == 0; }

 private:
  std::int64_t since(std::uint64_t ThreadTotals::*total) const {
    return static_cast<std::int64_t>(after.*total - before.*total);
  }
};

// A process of a group.
struct MemberChange {
  enum class Stay { kStayed, kCame, kEnded, kForked } stay = Stay::kStayed;  // a fork: came with what it had
  std::string process;                                                       // "name (pid)"
  int pid = 0;
  std::uint64_t live_before = 0, live_after = 0;

  std::int64_t change() const { return static_cast<std::int64_t>(live_after - live_before); }
};

struct Difference {
  std::vector<MemberChange> members;  // of a group, what grew most first
  bool same_process = false;
  // The counters of the one went on to be those of the other; not so after exec.
  bool same_counters = false;
  double seconds = 0;  // negative when the second is the older
  std::vector<Total> totals;
  boost::json::object group_before, group_after;    // of two groups: all counters, as the totals have some
  bool classes_known = true, threads_known = true;  // by both
  std::vector<ClassChange> classes;
  std::vector<ThreadChange> threads;
  // Those that are no more. Before: also what threads had done by then that ended in between, so that the
  // changes of all add up to those of the totals.
  ThreadChange exited;
};

// Of groups, what those did that are in both, those that were started since, and, of what is live, those that
// ended or forked: what these did otherwise nobody knows.
Difference difference_between(const Mark &before, const Mark &after);

boost::json::object difference_json(const Difference &difference, const Mark &before, const Mark &after);

}  // namespace heapmeter::cli
