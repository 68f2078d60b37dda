// SPDX-License-Identifier: MIT
//
// Processes: every way there is to make one or to become another. Whoever is made by fork is metered and
// visible like its parent, with the parent's blocks in its books.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <csignal>
#include <set>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

void leaves_no_file(const Run &run) { EXPECT_TRUE(run.meter->sockets().empty()) << run.meter->sockets()[0]; }

// Each of them said at its end what it had; nobody counted anything wrong.
void all_reported(const Run &run, size_t processes) {
  leaves_no_file(run);
  const auto reports = run.meter->reports();
  EXPECT_EQ(reports.size(), processes);
  for (const Reading &report : reports) {
    EXPECT_EQ(report["foreign_frees"] + report["inner_frees"] + report["double_frees"] + report["mismatches"],
              0);
    EXPECT_EQ(report["threads"], 1) << "threads that vanished in a fork still own their counters";
    EXPECT_GE(report["live_bytes"], 0);
  }
}

std::function<void(const Run &)> leaves_reports(size_t processes) {
  return [=](const Run &run) { all_reported(run, processes); };
}

std::vector<Row> forks() {
  return {
      {.name = "fork_under_fire",
       .promise = "twenty forks while three threads allocate; the child goes on with threads of its own",
       .argv = {"@fork_under_fire", "20"},
       .repeated = true,
       .check = leaves_reports(21)},
      {.name = "fork_from_threads",
       .promise = "forks from four threads at once while the others allocate",
       .argv = {"@fork_from_threads"},
       .repeated = true,
       .check = leaves_reports(21)},
      {.name = "fork_while_unsharing",
       .promise = "300 forks while a thread calls unshare again and again, for which the meter's thread goes",
       .argv = {"@forks_while_unsharing", "300"}},
      {.name = "fork_at_every_instruction",
       .promise =
           "a fork after each of the meter's instructions in malloc, free and realloc of another thread",
       .argv = {"@fork_at_every_instruction", "first malloc", "malloc", "free", "realloc", "realloc in place",
                "irregular free", "large realloc"},
       .environment = {{"HEAPMETER_SERVE", "off"}}},
      {.name = "fork_in_handler",
       .promise = "forks from a signal handler amid calls of malloc, after which the child goes on there",
       .argv = {"@fork_in_handler", "fork"},
       .repeated = true,
       .check = leaves_reports(31)},
      {.name = "underscore_fork_in_handler",
       .promise = "the same by _Fork",
       .argv = {"@fork_in_handler", "_Fork"},
       .repeated = true,
       .check = leaves_reports(31)},
      {.name = "fork_chain",
       .promise = "twelve generations, each of which frees what its parent made",
       .argv = {"@fork_chain"},
       .repeated = true,
       .check = leaves_reports(13)},
      {.name = "process_1_clones_itself",
       .promise = "process 1 of a pid namespace makes process 1 of another by a bare clone, and stays served",
       .script = "exec unshare --fork --pid $METERED ${VICTIMS}clones_itself",
       .counted = Counted::kNoMatter,
       .skip = unless_root},
      {.name = "process_1",
       .promise = "a child that is process 1 of a new pid namespace",
       .argv = {"@process_namespace"},
       .skip = unless_root,
       .check = leaves_reports(3)},
  };
}

Row child(const std::string &name, const char *way, const char *promise) {
  return {.name = name, .promise = promise, .argv = {"@child_ways", way}, .repeated = true};
}

std::vector<Row> children() {
  return {
      child("fork", "fork", "fork: the child frees its parent's blocks and leaves by _exit"),
      child("underscore_fork", "_Fork", "_Fork, which runs no handlers: the same"),
      child("raw_fork", "clone", "the bare clone system call: the same"),
      child("vfork", "vfork", "vfork: the child allocates in its parent's memory"),
      child("clone_vm", "clone_vm", "clone with CLONE_VM and CLONE_VFORK on a stack of its own: the same"),
  };
}

std::vector<Row> executions() {
  return {
      {.name = "exec", .promise = "exec of a metered program", .argv = {"@family", "exec", "@witness_c"}},
      {.name = "exec_from_vfork", .promise = "vfork and exec", .argv = {"@family", "vfork", "@witness_c"}},
      {.name = "posix_spawn", .promise = "posix_spawn", .argv = {"@family", "spawn", "@witness_c"}},
      {.name = "exec_unmetered",
       .promise = "a program started with the meter starts one without",
       .script = "$METERED ${VICTIMS}family spawn /usr/bin/env -u LD_PRELOAD ${VICTIMS}witness_c",
       .counted = Counted::kNoMatter},
      {.name = "exec_static",
       .promise = "a metered program starts a static one",
       .argv = {"@family", "spawn", "@static_libc"}},
      {.name = "follow_off",
       .promise = "HEAPMETER_FOLLOW=off: children and executed programs are left alone",
       .argv = {"@fork_chain"},
       .environment = {{"HEAPMETER_FOLLOW", "off"}}},
  };
}

void await(Visit &visit, const std::string &text) {
  if (!eventually([&] { return visit.process.out().find(text) != std::string::npos; })) {
    throw std::runtime_error("never said " + text + ": " + visit.process.out() + visit.process.err());
  }
}

// As a user sees it: `heapmeter ps` lists the master and its four workers, with what each holds.
void expect_workers_listed(const Visit &visit) {
  Command ps{{build_root() / "tools" / "heapmeter", "ps", "--json"}};
  ps.environment["HEAPMETER_DIR"] = visit.meter->directory();
  std::set<std::int64_t> held;
  std::string out;
  EXPECT_TRUE(eventually([&] {
    held.clear();
    out = run(ps).out;
    const auto listed = boost::json::parse(out);
    for (const auto &item : listed.as_array()) {
      const auto &process = item.as_object();
      if (process.at("answering").as_bool() && process.at("parent_pid").as_int64() == visit.process.pid()) {
        held.insert(process.at("live_bytes").as_int64() / 4001);
      }
    }
    return held.size() == 4;
  })) << out;
}

std::vector<Row> servers() {
  return {
      {.name = "prefork_server",
       .promise = "a server's four workers are each seen by `ps`",
       .argv = {"@prefork_server"},
       .visit =
           [](Visit &visit) {
             await(visit, "1\n1\n1\n1\n");
             if (visit.meter != nullptr) expect_workers_listed(visit);
             visit.process.signal(SIGTERM);
           },
       .check = leaves_reports(5)},
      {.name = "daemon",
       .promise = "a daemon: two forks, setsid, every descriptor closed, standard streams opened again",
       .argv = {"@daemon"},
       .check = leaves_reports(all_under_run() ? 3 : 2)},
      {.name = "other_user",
       .promise = "setgroups, setresgid and setresuid after start: no thread keeps the old user",
       .argv = {"@credentials", "65534"},
       .counted = Counted::kNoMatter,
       .skip = unless_root,
       .visit =
           [](Visit &visit) {
             await(visit, "ready\n");
             visit.process.signal(SIGTERM);
           }},
      {.name = "chroot",
       .promise = "chroot after start, and a child born in it: no file of the meter's in there",
       .argv = {"@chroot_after_start"},
       .counted = Counted::kNoMatter,
       .skip = unless_root},
  };
}

}  // namespace

Group processes_group() {
  Group processes{"processes", {}};
  for (auto &part : {forks(), children(), executions(), servers()}) {
    processes.rows.insert(processes.rows.end(), part.begin(), part.end());
  }
  return processes;
}

}  // namespace heapmeter::testing::matrix
