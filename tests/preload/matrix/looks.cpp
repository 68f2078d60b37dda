// SPDX-License-Identifier: MIT
//
// Looks for lost blocks in the middle of whatever a program does: those that would see one, and every row on
// threads, processes, the kernel, signals and observers again, looked at all the while by somebody beside it
// and once more at its exit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "row.h"
#include "support/caught_look.h"

namespace heapmeter::testing::matrix {
namespace {

constexpr int kLooks = 20;
constexpr const char *kSandbox = "the process is in a sandbox (seccomp)";
constexpr const char *kNoMemory = "there is no memory for a look";

void await_ready(const Visit &visit) {
  if (!eventually([&] { return visit.process.out().find("ready\n") != std::string::npos; }))
    throw std::runtime_error("not ready: " + visit.process.out() + visit.process.err());
}

void look_at(const Visit &visit, int times = kLooks) {
  if (visit.meter == nullptr) return;
  const auto socket = visit.socket();
  for (int look = 0; look < times; ++look) EXPECT_EQ(take_look(socket), "taken");
}

void looked_at(Visit &visit) {
  await_ready(visit);
  look_at(visit);
  visit.process.signal(SIGTERM);
}

// What is mapped, but for the sizes of the mappings that a service may well grow within.
std::int64_t mappings(const Visit &visit) {
  const std::string maps = read_file("/proc/" + std::to_string(visit.process.pid()) + "/maps");
  return std::count(maps.begin(), maps.end(), '\n');
}

std::int64_t status_of(const Visit &visit, const std::string &name) {
  const std::string status = read_file("/proc/" + std::to_string(visit.process.pid()) + "/status");
  return std::stoll(status.substr(status.find(name + ":") + name.size() + 1));
}

// The first look is paid for once; from then on each gives back all it took.
void gives_all_back(Visit &visit) {
  await_ready(visit);
  look_at(visit, 1);
  const std::int64_t mapped = mappings(visit), size = status_of(visit, "VmSize");
  const std::int64_t resident = status_of(visit, "VmRSS");
  look_at(visit);
  // The last of its answer goes when it is sent.
  EXPECT_TRUE(eventually([&] {
    return mappings(visit) <= mapped && status_of(visit, "VmSize") <= size &&
           status_of(visit, "VmRSS") <= resident + 256;
  })) << mappings(visit)
      << " mappings, " << mapped << " before; " << status_of(visit, "VmSize") << " KiB, " << size
      << " before; resident " << status_of(visit, "VmRSS") << ", " << resident << " before";
  visit.process.signal(SIGTERM);
}

// Until its own service has come, the file of the program before it is in its place.
bool begins(Visit &visit, std::optional<CaughtLook> &look) {
  try {
    look.emplace(visit.process.pid(), visit.socket());
  } catch (const std::system_error &refused) {
    if (refused.code().value() != ECONNREFUSED) throw;
  }
  return look.has_value();
}

// Of each program it becomes, one is under way when it becomes the next.
void becomes_others(Visit &visit) {
  constexpr int kWays = 12;
  for (int way = 0; way <= kWays; ++way) {
    const std::string ready = std::to_string(way) + " ready";
    if (!eventually([&] { return visit.process.out().find(ready) != std::string::npos; }))
      throw std::runtime_error(ready + " never came: " + visit.process.out() + visit.process.err());
    std::optional<CaughtLook> look;
    if (visit.meter != nullptr && !eventually([&] { return begins(visit, look); }))
      throw std::runtime_error("the program " + ready + " is never served");
    visit.process.signal(SIGUSR1);
    if (look && !eventually([&] { return has_ended(look->image()); }))
      ADD_FAILURE() << "the copy outlives the program that it is of";
  }
}

Row childless(const std::string &kind, const std::string &who) {
  return {.name = "no_child_" + kind,
          .promise = who + " asks for children's ends in every way while it is looked at",
          .argv = {"@childless", kind},
          .visit = looked_at};
}

std::vector<Row> who_would_see_it() {
  return {
      childless("childless", "a program without children"),
      childless("ignoring", "one that ignores SIGCHLD"),
      childless("no_zombies", "one with SA_NOCLDWAIT"),
      childless("subreaper", "one that orphans are given to"),
      childless("parent", "one whose only child sleeps"),
      {.name = "no_child_after_exec",
       .promise = "becomes another program in the middle of a look, by each call of the exec family: that "
                  "has no child",
       .argv = {"@becomes_another"},
       .visit = becomes_others},
      {.name = "no_interruption",
       .promise = "sleeps, and waits that say EINTR for the mere stopping of a thread, go on",
       .argv = {"@uninterrupted"},
       .visit = looked_at},
      {.name = "own_descriptors",
       .promise = "the next descriptor is the next; pipes end and locks are free when they are let go",
       .argv = {"@own_descriptors"},
       .visit = looked_at},
      {.name = "memory_given_back",
       .promise = "the same mappings and the same memory after twenty looks",
       .argv = {"@holder"},
       .visit = gives_all_back},
  };
}

// A sandbox for all threads at once, set unseen and amid a look, which kills for what a look calls: nobody
// can know before, as shim/SYSTEM_CALLS.md says.
bool comes_amid_a_look(const Row &row) {
  return row.name == "seccomp_bare_wake" || row.name == "seccomp_bare_soon";
}

// Rows of others at whose exit there can be no look.
std::string no_look_of(const std::string &row) {
  if (row == "kernel_seccomp_filter" || row.starts_with("kernel_started_in_sandbox")) return kSandbox;
  if (row == "kernel_limit_address_space_64_mib" || row == "kernel_limit_data_64_mib") return kNoMemory;
  if (row == "processes_process_1") return "its children live in another process namespace";
  if (row.starts_with("observers_callgrind")) return "valgrind runs the process: it makes no copy";
  return "";
}

}  // namespace

Group looks_group() {
  Group looks{"looks", who_would_see_it()};
  for (const Group &other :
       {threads_group(), processes_group(), kernel_group(), signals_group(), observers_group()}) {
    for (Row row : other.rows) {
      if (comes_amid_a_look(row)) continue;
      row.name = other.name + "_" + row.name;
      row.repeated = false;
      row.looked_at = true;
      row.no_look = no_look_of(row.name);
      looks.rows.push_back(row);
    }
  }
  return looks;
}

}  // namespace heapmeter::testing::matrix
