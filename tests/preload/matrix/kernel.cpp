// SPDX-License-Identifier: MIT
//
// Descriptors and the kernel: what a program asks of them, and what they refuse it, is as without the meter.
#include <gtest/gtest.h>

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

std::vector<Row> namespaces() {
  return {
      {.name = "unshare",
       .promise = "`unshare -U true`, which a process with a second thread may not",
       .script = "$METERED unshare -U true; echo $?",
       .counted = Counted::kNoMatter},
      {.name = "unshare_mounts",
       .promise = "`unshare -m true`",
       .script = "$METERED unshare -m true; echo $?",
       .counted = Counted::kNoMatter,
       .skip = unless_root},
      {.name = "setns_and_unshare_at_once",
       .promise = "setns and unshare at the start",
       .argv = {"@namespaces", "now"},
       .skip = unless_root},
      {.name = "setns_and_unshare_later",
       .promise = "setns and unshare when the meter has come up",
       .argv = {"@namespaces", "later"},
       .skip = unless_root},
  };
}

Row rights(const std::string &name, const char *way, const char *what) {
  return {.name = "rights_" + name,
          .promise = std::string(what) + ": no thread keeps what the main thread gave up",
          .argv = {"@gives_up_capabilities", way}};
}

Row started_in_sandbox(const std::string &name, const char *does) {
  return {.name = "started_in_sandbox_" + name,
          .promise =
              std::string("a seccomp filter from before the start that ") + does + " at calls of the service",
          .script =
              "exec ${VICTIMS}killing_sandbox " + name + " ${METERED:-/usr/bin/env} ${VICTIMS}lives_a_while"};
}

std::vector<Row> sandboxes() {
  return {
      {.name = "seccomp_strict",
       .promise = "seccomp, strict",
       .argv = {"@seccomp_strict"},
       .counted = Counted::kNoMatter},
      {.name = "seccomp_filter",
       .promise = "a seccomp filter for all threads that kills at calls of the service",
       .argv = {"@seccomp_filter"}},
      started_in_sandbox("kill", "kills the process"),
      started_in_sandbox("thread", "kills the thread"),
      started_in_sandbox("errno", "refuses"),
      rights("capset", "capset", "capset"),
      rights("capset_bare", "syscall", "the bare capset system call"),
      rights("bounding_set", "bounding", "prctl(PR_CAPBSET_DROP)"),
      rights("no_new_privs", "no_new_privs", "prctl(PR_SET_NO_NEW_PRIVS)"),
      {.name = "landlock",
       .promise = "landlock: the meter, too, makes no more files",
       .argv = {"@restricts_itself"},
       .counted = Counted::kNoMatter,
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

Row limit(const std::string &name, const std::string &option, const char *victim = "witness_c") {
  return {.name = "limit_" + name,
          .promise = "ulimit " + option,
          .script = "ulimit " + option + "; exec $METERED ${VICTIMS}" + victim};
}

Row directories(const std::string &name, const char *promise, const std::string &mounts) {
  return {.name = name,
          .promise = promise,
          .script = "export METERED; exec unshare -m bash --norc -c '" + mounts +
                    "; exec $METERED env -u HEAPMETER_DIR -u HEAPMETER_REPORT ${VICTIMS}lives_a_while'",
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

Row tight(Row row) {
  row.tight = true;
  return row;
}

std::vector<Row> limits() {
  Row files = limit("file_size", "-f 0");
  files.script = "(" + files.script + ") | cat";
  files.counted = Counted::kNoMatter;
  return {
      tight(limit("address_space_64_mib", "-v 65536")),
      tight(limit("address_space_256_mib", "-v 262144", "lives_a_while")),
      tight(limit("data_64_mib", "-d 65536", "witness_cpp")),
      limit("stack_128_kib", "-s 128", "lives_a_while"),
      limit("locked_memory_0", "-l 0", "lives_a_while"),
      files,
      {.name = "limit_processes",
       .promise = "a user who may have one process, and no thread more",
       .script = "chmod 711 $TMPDIR; cp ${VICTIMS}witness_c $TMPDIR; if [ $PRELOADED ]; then cp $PRELOADED "
                 "$TMPDIR; fi; "
                 "exec setpriv --reuid=$((200000 + $$)) --clear-groups prlimit --nproc=1 "
                 "$METERED ${PRELOADED:+LD_PRELOAD=$TMPDIR/${PRELOADED##*/}} $TMPDIR/witness_c",
       .counted = Counted::kNoMatter,
       .skip = unless_root},
      directories("read_only_tmp", "/tmp that cannot be written to", "mount -t tmpfs -o ro tmpfs /tmp"),
      directories("full_tmp", "/tmp that is full",
                  "mount -t tmpfs -o size=4k tmpfs /tmp; head -c 4096 /dev/zero > /tmp/full"),
      directories("no_tmp", "/tmp that nobody may enter", "mount -t tmpfs -o mode=0 tmpfs /tmp"),
      directories("runtime_directory_of_another", "XDG_RUNTIME_DIR that is somebody else's",
                  "mount -t tmpfs -o uid=4711,mode=0700 tmpfs /tmp; export XDG_RUNTIME_DIR=/tmp"),
  };
}

}  // namespace

Group group() {
  Group kernel{"kernel", {}};
  for (auto &part : {descriptors(), namespaces(), sandboxes(), limits()}) {
    kernel.rows.insert(kernel.rows.end(), part.begin(), part.end());
  }
  return kernel;
}

}  // namespace heapmeter::testing::matrix
