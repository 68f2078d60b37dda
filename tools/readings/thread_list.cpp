// SPDX-License-Identifier: MIT
#include "readings/thread_list.h"

#include <map>

#include <heapmeter/protocol.h>
#include <boost/json/value.hpp>

#include "client/page.h"
#include "readings/add_up.h"
#include "system/process.h"

namespace heapmeter::cli {
namespace {

constexpr const char *kWhat = "a list of threads";

ThreadTotals totals(const boost::json::object &fields) {
  const auto number = [&](const char *name) { return page::number(fields, name, kWhat); };
  return {number("allocations"), number("frees"), number("reallocations"), number("allocated_bytes"),
          number("freed_bytes")};
}

}  // namespace

ThreadTotals &ThreadTotals::operator+=(const ThreadTotals &other) {
  add_up(allocations, other.allocations);
  add_up(frees, other.frees);
  add_up(reallocations, other.reallocations);
  add_up(allocated_bytes, other.allocated_bytes);
  add_up(freed_bytes, other.freed_bytes);
  return *this;
}

ThreadList parse_thread_list(std::string_view answer) { return thread_list_of(page::parse(answer, kWhat)); }

ThreadList thread_list_of(const boost::json::object &all) {
  const boost::json::array *threads = page::array(all, "threads");
  if (threads == nullptr) page::refuse("'threads' is missing", kWhat);
  ThreadList found;
  found.pid = static_cast<int>(page::number(all, "pid", kWhat));
  found.start_time = page::number(all, "start_time", kWhat);
  for (const boost::json::value &each : *threads) {
    const boost::json::object &fields = page::element(each, kWhat);
    found.threads.push_back({static_cast<int>(page::number(fields, "tid", kWhat)),
                             page::text(fields, "name", kWhat), totals(fields), 0});
  }
  if (const boost::json::object *exited = page::object(all, "exited")) found.exited = totals(*exited);
  return found;
}

void find_local_tids(ThreadList &list, int local_pid) {
  // A thousand threads are a thousand files to read, which only containers need.
  const bool same = process::shares_namespace(local_pid, "pid") == true;
  const auto ours = same ? std::map<int, int>() : process::threads(local_pid);
  for (ThreadEntry &each : list.threads) {
    if (same) each.local_tid = each.tid;
    const auto found = ours.find(each.tid);
    if (found != ours.end()) each.local_tid = found->second;
  }
}

ThreadList take_thread_list(const Endpoint &endpoint, Deadline deadline) {
  return parse_thread_list(get(endpoint, HEAPMETER_PATH_THREADS, deadline));
}

int parse_service_thread(std::string_view json) {
  constexpr const char *kPage = "a process's first page";
  return static_cast<int>(page::number(page::parse(json, kPage), "service_thread", kPage));
}

}  // namespace heapmeter::cli
