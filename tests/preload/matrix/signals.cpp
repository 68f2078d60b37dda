// SPDX-License-Identifier: MIT
//
// Signals: the program's are the program's, and no others come.
#include <gtest/gtest.h>

#include <csignal>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

void await(Visit &visit, const std::string &text) {
  if (!eventually([&] { return visit.process.out().find(text) != std::string::npos; })) {
    throw std::runtime_error("never said " + text + ": " + visit.process.out() + visit.process.err());
  }
}

bool stopped(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  return status.find("State:\tT") != std::string::npos;
}

}  // namespace

Group signals_group() {
  return {
      "signals",
      {
          {.name = "storm",
           .promise = "ten thousand signals a second while two threads allocate; siglongjmp out of handlers",
           .argv = {"@signal_storm"},
           .check = [](const Run &run) { EXPECT_LE((*run.report)["live_blocks"], 4); }},
          {.name = "waiting_for_all",
           .promise = "sigwait, signalfd and pause get every signal that was sent, and no other",
           .argv = {"@waits_for_all_signals"}},
          {.name = "children_end",
           .promise = "a SIGCHLD handler that reaps a hundred children, and no other",
           .argv = {"@children_end"},
           .repeated = true},
          {.name = "counting_threads",
           .promise = "a program that counts its threads is single-threaded to libc",
           .argv = {"@counts_its_threads"},
           .because = "/proc shows one more, called heapmeter; HEAPMETER_SERVE=off does without"},
          {.name = "unserved",
           .promise = "HEAPMETER_SERVE=off: no thread more in /proc either",
           .script =
               "$METERED perl -e 'sleep 1; print scalar(() = glob q(/proc/self/task/*)), qq( thread\\n)'",
           .environment = {{"HEAPMETER_SERVE", "off"}}},
          {.name = "stop_and_continue",
           .promise = "SIGSTOP stops it, SIGCONT lets it go on",
           .argv = {"@holder"},
           .visit =
               [](Visit &visit) {
                 await(visit, "ready\n");
                 visit.process.signal(SIGSTOP);
                 EXPECT_TRUE(eventually([&] { return stopped(visit.process.pid()); }));
                 visit.process.signal(SIGCONT);
                 visit.process.signal(SIGUSR1);
                 await(visit, "freed 1\n");
                 visit.process.signal(SIGTERM);
               }},
      }};
}

}  // namespace heapmeter::testing::matrix
