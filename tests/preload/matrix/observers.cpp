// SPDX-License-Identifier: MIT
//
// Others who look at the program: debuggers, tracers, auditors, core dumps, readers of /proc. They see the
// program they know, and while they hold it a reader of the meter is told so instead of being left to wait.
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

constexpr const char *kReplaced = "valgrind's own malloc takes the place of every other, the meter's too";

void until_ready(const Visit &visit) {
  if (!eventually([&] { return visit.process.out() == "ready\n"; })) throw std::runtime_error("not ready");
}

std::string proc_file(const Visit &visit, const std::string &name) {
  return read_file("/proc/" + std::to_string(visit.process.pid()) + "/" + name);
}

Outcome tool(const Visit &visit, const std::string &verb, bool of_process) {
  Command command{{build_root() / "tools" / "heapmeter", verb}};
  if (of_process) command.argv.push_back(std::to_string(visit.process.pid()));
  command.environment["HEAPMETER_DIR"] = visit.meter->directory();
  command.deadline = std::chrono::seconds(20);
  return run(command);
}

void expect_readable(const Visit &visit) {
  if (visit.meter == nullptr) return;
  const Outcome stat = tool(visit, "stat", true);
  EXPECT_TRUE(stat.ok()) << stat;
}

// While the program stands still a reader waits two seconds and is told why; a listing goes on without it.
void expect_polite_refusal(const Visit &visit, const std::string &words) {
  if (visit.meter == nullptr) return;
  const Outcome stat = tool(visit, "stat", true);
  EXPECT_EQ(stat.exit_code, 1) << stat;
  EXPECT_NE(stat.err.find(words), std::string::npos) << stat;
  const Outcome ps = tool(visit, "ps", false);
  EXPECT_TRUE(ps.ok()) << ps;
  EXPECT_NE(ps.out.find("not answering"), std::string::npos) << ps;
}

void end(const Visit &visit) { visit.process.signal(SIGTERM); }

void stopped_by_a_signal(Visit &visit) {
  until_ready(visit);
  expect_readable(visit);
  visit.process.stop();
  expect_polite_refusal(visit, "it is stopped; continue it with kill -CONT");
  visit.process.signal(SIGCONT);
  expect_readable(visit);
  end(visit);
}

// gdb attaches, holds the program until a file appears, and does `last` before it lets go.
void held_by_gdb(Visit &visit, const std::string &last, bool reader_waits = false) {
  until_ready(visit);
  expect_readable(visit);
  const TempDir scratch;
  const std::string go = scratch / "go";
  Process gdb({{program("gdb"), "-nx", "-q", "-batch", "-p", std::to_string(visit.process.pid()), "-ex",
                "shell until [ -e " + go + " ]; do sleep 0.02; done", "-ex", last, "-ex", "detach"}});
  const bool held =
      eventually([&] { return proc_file(visit, "status").find("t (tracing stop)") != std::string::npos; },
                 std::chrono::seconds(30));
  if (held && reader_waits) expect_polite_refusal(visit, "did not answer");
  write_file(go, "");
  const Outcome outcome = gdb.wait();
  EXPECT_TRUE(held && outcome.ok()) << outcome;
  expect_readable(visit);
  end(visit);
}

void attached(Visit &visit) { held_by_gdb(visit, "info threads", true); }
void called_from(Visit &visit) { held_by_gdb(visit, "print ((void *(*)(unsigned long))malloc)(100) != 0"); }
void dumped_alive(Visit &visit) {
  const TempDir scratch;
  held_by_gdb(visit, "gcore " + std::string(scratch / "core"));
  EXPECT_GT(std::filesystem::file_size(scratch / "core"), 100'000U);
}

void read_through_proc(Visit &visit) {
  until_ready(visit);
  for (int i = 0; i < 50; ++i) {
    for (const char *name : {"maps", "smaps", "smaps_rollup", "status", "stat", "statm", "environ", "auxv"}) {
      EXPECT_FALSE(proc_file(visit, name).empty()) << name;
    }
  }
  expect_readable(visit);
  end(visit);
}

void read_under_valgrind(Visit &visit) {
  until_ready(visit);
  expect_readable(visit);
  end(visit);
}

std::vector<Row> debuggers() {
  const std::string gdb =
      "gdb -nx -q -batch -ex \"set exec-wrapper $METERED\" -ex 'set breakpoint pending on' ";
  const std::string said = " 2>&1 | grep -oE '^99152.*|exited normally|^\\$1 = 1|Breakpoint 1, main'";
  return {
      {.name = "stopped",
       .promise = "SIGSTOP while it is read: the reader is told after two seconds; SIGCONT",
       .argv = {"@worker"},
       .visit = stopped_by_a_signal},
      {.name = "gdb_attach",
       .promise = "gdb attaches, lists threads and detaches; meanwhile a reader is told",
       .argv = {"@worker"},
       .visit = attached},
      {.name = "gdb_call",
       .promise = "gdb attaches and calls malloc in the program",
       .argv = {"@holder"},
       .visit = called_from},
      {.name = "gdb_gcore",
       .promise = "gdb dumps the core of the living program",
       .argv = {"@worker"},
       .visit = dumped_alive},
      {.name = "gdb_run", .promise = "run under gdb", .script = gdb + "-ex run ${VICTIMS}witness_cpp" + said},
      {.name = "gdb_breakpoint",
       .promise = "run under gdb with a breakpoint in main, a call of malloc, and on",
       .script = gdb +
                 "-ex 'break main' -ex run -ex 'print ((void *(*)(unsigned long))malloc)(100) != 0' -ex "
                 "continue ${VICTIMS}witness_cpp" +
                 said},
  };
}

std::string unless_cores_are_files() {
  rlimit limit{};
  getrlimit(RLIMIT_CORE, &limit);
  if (limit.rlim_max != RLIM_INFINITY) return "core files are limited here";
  const bool file = read_file("/proc/sys/kernel/core_pattern").find_first_of("|/") == std::string::npos;
  return file ? "" : "the kernel does not leave core dumps in the working directory here (core_pattern)";
}

std::vector<Row> tracers() {
  return {
      {.name = "core_dump",
       .promise = "a core dump holds the heap, not the ledger: 200 MiB within 10",
       .script =
           "cd $TMPDIR; ulimit -c unlimited; { $METERED ${VICTIMS}large_crash 200; code=$?; } 2>/dev/null; "
           "echo $code, in file $(($(stat -c %b core*) / 2048 / 10))0 MiB",
       .counted = Counted::kNoMatter,
       .skip = unless_cores_are_files},
      {.name = "strace",
       .promise = "strace, following threads",
       .script = "strace -f -o $TMPDIR/trace $METERED ${VICTIMS}late_destructors"},
      {.name = "ld_audit",
       .promise = "LD_AUDIT: an auditor that sees every binding, and allocates",
       .script = "exec $METERED LD_AUDIT=${VICTIMS}libaudit.so ${VICTIMS}witness_cpp"},
      {.name = "ld_debug",
       .promise = "LD_DEBUG=all, to a file",
       .script = "exec $METERED LD_DEBUG=all LD_DEBUG_OUTPUT=$TMPDIR/debug ${VICTIMS}witness_cpp"},
      {.name = "proc_readers",
       .promise = "maps, smaps, environ and others of /proc/PID read a hundred times while it allocates",
       .argv = {"@worker"},
       .visit = read_through_proc},
  };
}

std::vector<Row> valgrinds() {
  const Row callgrind{.name = "callgrind",
                      .promise = "valgrind's callgrind",
                      .script =
                          "exec $METERED valgrind -q --tool=callgrind --callgrind-out-file=/dev/null "
                          "${VICTIMS}late_destructors",
                      .counted = Counted::kFaults,
                      .check = [](const Run &run) { EXPECT_GT((*run.report)["allocations"], 200); }};
  return {
      {.name = "memcheck",
       .promise = "valgrind's memcheck with its leak check",
       .script = "$METERED valgrind -q --leak-check=full --error-exitcode=9 ${VICTIMS}late_destructors",
       .counted = Counted::kNoMatter,
       .because = kReplaced},
      callgrind,
      with_every(callgrind),
      {.name = "helgrind",
       .promise = "valgrind's helgrind, with threads and HEAPMETER_SERVE=off",
       .script = "exec $METERED HEAPMETER_SERVE=off valgrind -q --tool=helgrind --error-exitcode=9 "
                 "${VICTIMS}late_destructors",
       .counted = Counted::kNoMatter,
       .because = "helgrind does not know atomics, and may report those of the service as a race"},
      {.name = "callgrind_read",
       .promise = "read while it runs under callgrind",
       .script = "exec $METERED valgrind -q --tool=callgrind --callgrind-out-file=/dev/null ${VICTIMS}worker",
       .visit = read_under_valgrind},
  };
}

}  // namespace

Group observers_group() {
  Group observers{"observers", {}};
  for (auto &part : {debuggers(), tracers(), valgrinds()}) {
    observers.rows.insert(observers.rows.end(), part.begin(), part.end());
  }
  return observers;
}

}  // namespace heapmeter::testing::matrix
