// SPDX-License-Identifier: MIT
//
// How programs end: in good order, abruptly, from a thread, in the middle of everything.
#include <gtest/gtest.h>

#include <csignal>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

// A process that ends in good order says what it leaves, and takes its socket's file with it.
void leaves_a_block(const Run &run) { EXPECT_GE((*run.report)["live_bytes"], 12345); }
void leaves_no_file(const Run &run) { EXPECT_TRUE(run.meter->sockets().empty()) << run.meter->sockets()[0]; }

Row ending(const char *way, const char *promise, int exit_code, int signal = 0, bool orderly = false) {
  return {.name = std::string("ending_") + (*way == '_' ? way + 1 : way) + (*way == '_' ? "_at_once" : ""),
          .promise = promise,
          .argv = {"@ending", way},
          .exit_code = exit_code,
          .signal = signal,
          .counted = orderly ? Counted::kReport : Counted::kUnreported,
          .check = orderly ? leaves_a_block : leaves_no_file};
}

std::vector<Row> plain_endings() {
  return {
      ending("return", "main returns", 0, 0, true),
      ending("exit", "exit", 3, 0, true),
      ending("_exit", "_exit", 4, 0, all_under_run()),
      ending("quick_exit", "quick_exit", 6, 0, true),
      ending("abort", "abort", 0, SIGABRT),
      ending("kill", "SIGKILL", 0, SIGKILL),
      ending("thread", "pthread_exit from main, exit from the thread that is left", 5, 0, true),
      {.name = "on_small_stack",
       .promise = "exit from a thread with a stack of 16 KiB",
       .argv = {"@exit_on_small_stack"}},
  };
}

Row crowd(const char *way, const char *promise, int exit_code, int signal = 0, bool orderly = false) {
  return {.name = std::string("crowd_") + (*way == '_' ? way + 1 : way) + (*way == '_' ? "_at_once" : ""),
          .promise = std::string(promise) + " while four threads allocate",
          .argv = {"@crowd_ending", way},
          .deadline = std::chrono::seconds(20),
          .exit_code = exit_code,
          .signal = signal,
          .counted = orderly ? Counted::kReport : Counted::kNoMatter,
          .repeated = true};
}

std::vector<Row> crowds() {
  return {
      crowd("return", "main returns", 0, 0, true),
      crowd("exit", "a thread exits", 3, 0, true),
      crowd("quick_exit", "a thread quick_exits", 4),
      crowd("_exit", "a thread calls _exit", 5),
      crowd("abort", "a thread aborts", 0, SIGABRT),
      crowd("signal", "a thread is sent SIGTERM", 0, SIGTERM),
      crowd("fault", "a thread writes to address 0", 0, SIGSEGV),
      crowd("exec", "a thread executes another program", 0, 0, true),
      crowd("pthread_exit", "main leaves by pthread_exit, the last thread just ends,", 0, 0, true),
  };
}

Row raw(const char *name, const char *promise, std::vector<std::string> how, int exit_code,
        bool orderly = false) {
  how.insert(how.begin(), "@raw_exit");
  return {.name = std::string("raw_") + name,
          .promise = promise,
          .argv = how,
          .deadline = std::chrono::seconds(20),
          .exit_code = exit_code,
          .counted = orderly ? Counted::kReport : Counted::kNoMatter,
          .repeated = how.size() == 3,  // the others wait long
          .check = leaves_no_file};
}

std::vector<Row> raw_endings() {
  Row late =
      raw("bare_late", "the same half a second later, when the meter serves", {"alone", "bare", "500"}, 7);
  late.because =
      "such a process lives at most twice as long: the service looks at doubling intervals whether "
      "the program is still there";
  return {
      raw("group", "the exit_group system call", {"group", "bare"}, 7),
      raw("libc", "syscall(SYS_exit) by the only thread", {"alone", "libc"}, 7),
      raw("libc_late", "the same half a second later, when the meter serves", {"alone", "libc", "500"}, 7),
      raw("libc_last", "syscall(SYS_exit) by main, then by the last thread", {"last", "libc", "200"}, 7),
      raw("bare", "the bare exit instruction by the only thread", {"alone", "bare"}, 7),
      late,
      raw("bare_last", "the bare exit instruction by main, then by the last thread", {"last", "bare", "200"},
          7),
      raw("main", "the bare exit instruction by main, and exit by a thread", {"main", "bare"}, 6, true),
      raw("thread", "the bare exit instruction by a thread, and main returns", {"thread", "bare"}, 5, true),
      {.name = "raw_in_last_destructor",
       .promise = "the bare exit instruction in a destructor that comes after the meter's",
       .script = "echo ends; exec $METERED sh -c 'LD_PRELOAD=\"$LD_PRELOAD ${VICTIMS}libexits_bare.so\" exec "
                 "${VICTIMS}raw_exit'",
       .exit_code = 3,
       .counted = Counted::kNoMatter},
  };
}

std::vector<Row> handlers() {
  return {
      {.name = "handlers_and_destructors",
       .promise = "exit handlers, static and thread_local destructors that allocate",
       .argv = {"@late_destructors"}},
      {.name = "destructors_of_a_thread_that_exits",
       .promise = "the same when a thread calls exit",
       .argv = {"@late_destructors", "thread"},
       .exit_code = 8},
      {.name = "in_children",
       .promise = "children that end by exit, _exit, quick_exit and abort, with handlers inherited",
       .argv = {"@exit_in_children"},
       .repeated = true},
      {.name = "uncaught_exception",
       .promise = "an exception that nobody catches",
       .argv = {"@fatal", "throw"},
       .signal = SIGABRT,
       .counted = Counted::kNoMatter},
      {.name = "segmentation_fault",
       .promise = "SIGSEGV",
       .argv = {"@fatal", "segv"},
       .signal = SIGSEGV,
       .counted = Counted::kNoMatter},
      {.name = "stack_overflow",
       .promise = "a stack overflow",
       .argv = {"@fatal", "overflow"},
       .signal = SIGSEGV,
       .counted = Counted::kNoMatter},
      {.name = "fatal_handler",
       .promise = "a SIGSEGV handler that allocates and leaves by _exit",
       .argv = {"@fatal", "handler"},
       .exit_code = 9,
       .counted = Counted::kNoMatter},
      {.name = "killed_while_served",
       .promise = "SIGKILL from outside while it is read",
       .argv = {"@holder"},
       .signal = SIGKILL,
       .counted = Counted::kNoMatter,
       .visit =
           [](Visit &visit) {
             if (!eventually([&] { return visit.process.out() == "ready\n"; }))
               throw std::runtime_error("not ready");
             if (visit.meter != nullptr) {
               EXPECT_GE(visit.snapshot()["live_bytes"], 10 * 1001);
             }
             visit.process.signal(SIGKILL);
           }},
  };
}

std::vector<Row> limits() {
  return {
      {.name = "out_of_memory",
       .promise = "RLIMIT_AS reached: new_handler called, bad_alloc caught, the program goes on",
       .argv = {"@out_of_memory"},
       .check = [](const Run &run) { EXPECT_GE((*run.report)["failures"], 3); }},
      {.name = "library_unloaded",
       .promise = "the meter itself loaded by dlopen and unloaded, three times",
       .script = "exec $METERED ${VICTIMS}unload_meter $METER",
       .check = [](const Run &run) { EXPECT_GE((*run.report)["allocations"], 900); }},
  };
}

}  // namespace

Group exit_group() {
  Group exit{"exit", {}};
  for (auto &part : {plain_endings(), crowds(), raw_endings(), handlers(), limits()}) {
    exit.rows.insert(exit.rows.end(), part.begin(), part.end());
  }
  return exit;
}

}  // namespace heapmeter::testing::matrix
