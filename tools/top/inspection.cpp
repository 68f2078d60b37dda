// SPDX-License-Identifier: MIT
#include "top/inspection.h"

#include <algorithm>

namespace heapmeter::cli::tui {

void Inspection::take_sizes(std::vector<SizeClass> classes) {
  if (!first_sizes_ || !goes_on(last_sizes_, classes)) {
    first_sizes_ = classes;
    first_nets_.reset();
  }
  sizes = changes(*first_sizes_, classes);
  last_sizes_ = std::move(classes);
}

void Inspection::take_threads(ThreadList list, double seconds) {
  std::map<int, ThreadTotals> before;
  for (const BusyThread &thread : threads) before.emplace(thread.tid, thread.totals);
  const double interval = seconds - now;
  threads.clear();
  for (ThreadEntry &entry : list.threads) {
    BusyThread thread{entry.tid, std::move(entry.name), entry.totals, {}, {}};
    const auto known = before.find(thread.tid);
    // Smaller totals are those of another thread that got the same number.
    if (known != before.end() && interval > 0 && thread.totals.allocations >= known->second.allocations &&
        thread.totals.allocated_bytes >= known->second.allocated_bytes) {
      const auto rate = [&](std::uint64_t ThreadTotals::*total) {
        return static_cast<double>(thread.totals.*total - known->second.*total) / interval;
      };
      thread.allocations = rate(&ThreadTotals::allocations);
      thread.bytes = rate(&ThreadTotals::allocated_bytes);
    }
    threads.push_back(std::move(thread));
  }
  std::stable_sort(threads.begin(), threads.end(), [](const BusyThread &a, const BusyThread &b) {
    if (a.bytes.value_or(0) != b.bytes.value_or(0)) return a.bytes.value_or(0) > b.bytes.value_or(0);
    return a.totals.allocated_bytes > b.totals.allocated_bytes;
  });
  exited = list.exited;
  now = seconds;
  compare_threads();
}

void Inspection::compare_threads() {
  std::map<int, double> nets{{0, net_of(exited)}};
  for (const BusyThread &thread : threads) nets.emplace(thread.tid, thread.net());
  if (!first_nets_) first_nets_ = nets;
  exited_change = nets[0];
  for (const auto &[tid, net] : *first_nets_) exited_change -= tid == 0 || !nets.contains(tid) ? net : 0;
  for (BusyThread &thread : threads) {
    const auto first = first_nets_->find(thread.tid);
    thread.change = thread.net() - (first != first_nets_->end() ? first->second : 0);
  }
}

}  // namespace heapmeter::cli::tui
