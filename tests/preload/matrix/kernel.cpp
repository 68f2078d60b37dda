// SPDX-License-Identifier: MIT
//
// Descriptors and the kernel: what a program asks of them, and what they refuse it, is as without the meter.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

std::vector<Row> descriptors() {
  return {
      {.name = "closes_everything",
       .promise = "closefrom(0), again and again; the next descriptors are 0, 1, 2, 3 each time",
       .script = "$METERED ${VICTIMS}closes_everything; cat $TMPDIR/said"},
      {.name = "pipes_end",
       .promise = "a pipe ends when its last writer goes, at any moment of a process's life",
       .argv = {"@pipe_ends"}},
      {.name = "no_descriptor_to_spare",
       .promise = "ulimit -n 4",
       .script = "ulimit -n 4; exec $METERED ${VICTIMS}witness_c"},
  };
}

Row rights(const std::string &name, const char *way, const char *what) {
  return {.name = "rights_" + name,
          .promise = std::string(what) + ": every thread may do what the main thread may, no more",
          .argv = {"@gives_up_capabilities", way}};
}

Row needs_root(Row row) {
  row.skip = unless_root;
  return row;
}

Row unreported(Row row) {
  row.counted = Counted::kNoMatter;
  return row;
}

Row drops_user(const std::string &way, const char *what) {
  return {.name = "drops_user_" + way,
          .promise = std::string("root becomes another user by ") + what + ": no thread stays root",
          .argv = {"@drops_user", way},
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

// It may not choose its groups, and has one to lose; the socket's directory is its own.
Row drops_group(const std::string &way, const char *what) {
  return {.name = "drops_" + way,
          .promise = std::string("a user gives up his other group by ") + what + ": no thread keeps it",
          .script =
              "chmod 711 $TMPDIR; mkdir $TMPDIR/served; chown 4711 $TMPDIR/served; exec $METERED "
              "HEAPMETER_DIR=$TMPDIR/served ${VICTIMS}drops_user " +
              way,
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

Row held_up(const std::string &call) {
  return {.name = "held_up_" + call,
          .promise = call + " while every other thread is held up for half a second",
          .argv = {"@held_up_thread", call},
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

std::vector<Row> users() {
  return {
      drops_user("libc", "setgroups, setresgid, setresuid"),
      drops_user("simple", "initgroups, setgid, setuid"),
      drops_user("real", "setgroups, setregid, setreuid"),
      drops_user("bare", "the bare system calls"),
      drops_user("bare_simple", "the bare setgid and setuid"),
      drops_user("bare_real", "the bare setregid and setreuid"),
      drops_user("main_gone", "the bare system calls of a second thread, the main one gone"),
      drops_user("namespace", "the bare system calls, in a user namespace"),
      drops_group("group", "setresgid"),
      drops_group("group_real", "setregid"),
      drops_group("group_bare", "the bare setresgid"),
      drops_group("group_bare_real", "the bare setregid"),
      {.name = "switches_user",
       .promise = "root takes its client's ids and its own again, a thousand times: the same threads, served",
       .argv = {"@switches_user", "1000"},
       .skip = unless_root,
       .visit = is_served()},
      {.name = "switches_among_threads",
       .promise = "four threads do so 10,000 times at once, then root goes for good: no thread stays root",
       .argv = {"@switches_among_threads", "2500"},
       .counted = Counted::kNoMatter,
       .skip = unless_root},
      held_up("unshare"),
      held_up("setns"),
      held_up("setuid"),
      {.name = "realtime_alone",
       .promise = "unshare of a real-time program that has one processor; it is served afterwards",
       .argv = {"@realtime_alone"},
       .skip = unless_root,
       .visit = is_served()},
  };
}

Row started_in_sandbox(const std::string &name, const char *does) {
  return {.name = "started_in_sandbox_" + name,
          .promise =
              std::string("a seccomp filter from before the start that ") + does + " at calls of the service",
          .script =
              "exec ${VICTIMS}killing_sandbox " + name + " ${METERED:-/usr/bin/env} ${VICTIMS}lives_a_while"};
}

// Mimalloc 3 asks for sysinfo as it is loaded, which libc does not: SYSTEM_CALLS.md says so, and its test
// holds that this is all.
bool mimalloc_asks_more() { return mimalloc_version() >= 300; }

Row without_call(const std::string &how, const std::string &does) {
  return {.name = "without_call_" + how,
          .promise = "a seccomp filter from before the start that " + does +
                     " for one system call of the meter, each in turn",
          // Its children run side by side, and what ld.so says of some comes in any order.
          .script = "${VICTIMS}without_call " + how +
                    " ${METERED:-/usr/bin/env} ${PRELOADED:+HEAPMETER_REPORT=$TMPDIR/r.%p} "
                    "${VICTIMS}lives_a_while 2> $TMPDIR/errors" +
                    (mimalloc_asks_more() ? " | grep -v ^sysinfo" : "") +
                    "; code=${PIPESTATUS[0]}; LC_ALL=C sort $TMPDIR/errors >&2; exit $code",
          .counted = Counted::kNoMatter};
}

// It ends before its service has looked what the sandbox lets it do. madvise is among what the start needs.
Row without_call_at_once() {
  return {.name = "without_call_at_once",
          .promise =
              "a program that ends at once, and reports, in a seccomp filter from before its start that "
              "kills for one system call of the report, each in turn",
          .script =
              "${VICTIMS}without_call kill ${METERED:-/usr/bin/env} "
              "${PRELOADED:+HEAPMETER_REPORT=$TMPDIR/r.%p} true | grep -v ^madvise" +
              std::string(mimalloc_asks_more() ? " | grep -v ^sysinfo" : ""),
          .counted = Counted::kNoMatter};
}

Row bare_sandbox(const std::string &way, const std::string &what) {
  return {.name = "seccomp_bare_" + way,
          .promise =
              "a seccomp filter set by the bare instruction, which kills for all that it does not "
              "allow; the program " +
              what,
          .script = "exec $METERED env -u HEAPMETER_REPORT ${VICTIMS}bare_sandbox " + way,
          .counted = Counted::kNoMatter};
}

std::vector<Row> sandboxes() {
  const Row before_first_block{
      .name = "seccomp_before_first_block",
      .promise = "a seccomp filter from before the first block, which kills for all but memory and output",
      .argv = {"@seccomp_strict", "first"},
      .counted = Counted::kNoMatter};
  return {
      {.name = "seccomp_strict",
       .promise = "seccomp, strict",
       .argv = {"@seccomp_strict"},
       .counted = Counted::kNoMatter},
      before_first_block,
      with_every(before_first_block),
      {.name = "seccomp_filter",
       .promise = "a seccomp filter for all threads that kills at calls of the service",
       .argv = {"@seccomp_filter"}},
      {.name = "sandboxed_child_by_prctl",
       .promise = "a child that shuts itself in by prctl, where a report would kill it, and ends by exit",
       .argv = {"@sandboxed_child", "prctl"}},
      {.name = "sandboxed_child_by_syscall",
       .promise = "the same by syscall(SYS_seccomp)",
       .argv = {"@sandboxed_child", "syscall"}},
      {.name = "seccomp_probes",
       .promise =
           "asks for seccomp filters that are refused, as libseccomp and systemd do; served afterwards",
       .argv = {"@probes_sandbox"},
       .visit = is_served()},
      bare_sandbox("exit", "ends"),
      bare_sandbox("wake", "lives on"),
      bare_sandbox("fork", "forks"),
      bare_sandbox("soon", "sets it up as soon as the service first sleeps"),
      {.name = "core_of_sandbox",
       .promise = "a seccomp filter from before the start that kills at calls of the service: no core file",
       .script = "cd $TMPDIR; ulimit -c unlimited; ${VICTIMS}killing_sandbox kill ${METERED:-/usr/bin/env} "
                 "${VICTIMS}lives_a_while; ls",
       .counted = Counted::kNoMatter,
       .skip =
           [] {
             std::string pattern;
             std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
             return pattern.find_first_of("/|") == std::string::npos ? ""
                                                                     : "cores are not left where it runs";
           }},
      without_call("kill", "kills"),
      with_every(without_call("kill", "kills")),
      without_call_at_once(),
      without_call("trap", "signals"),
      without_call("errno", "refuses"),
      {.name = "seccomp_wave",
       .promise = "a seccomp filter that kills for all but the calls of a simple heap; 100 MB come and go",
       .argv = {"@sandboxed_wave", "few"},
       .counted = Counted::kUnreported},
      {.name = "seccomp_wave_moving",
       .promise = "the same that has mremap, too",
       .argv = {"@sandboxed_wave", "move"},
       .counted = Counted::kUnreported},
      {.name = "heap_without_call",
       .promise = "a seccomp filter that refuses one system call of the heap, each in turn: blocks of all "
                  "sizes are made, resized, released",
       .argv = {"@heap_without_call"},
       .deadline = std::chrono::seconds{120}},
      started_in_sandbox("kill", "kills the process"),
      started_in_sandbox("thread", "kills the thread"),
      started_in_sandbox("errno", "refuses"),
      rights("capset", "capset", "capset"),
      rights("capset_bare", "syscall", "the bare capset system call"),
      rights("bounding_set", "bounding", "prctl(PR_CAPBSET_DROP)"),
      rights("ambient", "ambient", "prctl(PR_CAP_AMBIENT)"),
      needs_root(rights("securebits", "securebits", "prctl(PR_SET_SECUREBITS), then another user")),
      unreported(needs_root(rights("kept", "keepcaps", "prctl(PR_SET_KEEPCAPS), then another user"))),
      rights("no_new_privs", "no_new_privs", "prctl(PR_SET_NO_NEW_PRIVS)"),
      {.name = "not_dumpable",
       .promise = "prctl(PR_SET_DUMPABLE, 0), which holds in a child, too; it is still read",
       .argv = {"@not_dumpable"},
       .visit = is_served(54321)},
      {.name = "landlock",
       .promise = "landlock: the meter, too, makes no more files, and does not say that it cannot",
       .argv = {"@restricts_itself"},
       .counted = Counted::kUnreported,
       .skip =
           [] {
             std::string modules;
             std::getline(std::ifstream("/sys/kernel/security/lsm"), modules);
             return modules.empty() || modules.find("landlock") != std::string::npos ? ""
                                                                                     : "no landlock here";
           },
       .check =
           [](const Run &run) { EXPECT_TRUE(run.meter->sockets().empty()) << "served by a freer thread"; }},
  };
}

}  // namespace

Group kernel_group() {
  Group kernel{"kernel", {}};
  for (auto &part : {descriptors(), namespace_rows(), users(), sandboxes(), limit_rows()}) {
    kernel.rows.insert(kernel.rows.end(), part.begin(), part.end());
  }
  return kernel;
}

}  // namespace heapmeter::testing::matrix
