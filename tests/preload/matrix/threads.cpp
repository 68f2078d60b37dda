// SPDX-License-Identifier: MIT
//
// Threads: how they come, where they live, how they go. Nothing of theirs may stay behind, in the program or
// in the meter.
#include <gtest/gtest.h>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

// The libraries' own: the loader's, stdout's buffer, the stacks that glibc keeps for the next threads.
constexpr std::int64_t kLeftByLibraries = 40;

void nothing_left(const Run &run) {
  const Reading &report = *run.report;
  EXPECT_LT(report["live_blocks"], kLeftByLibraries);
  EXPECT_EQ(report["threads"], 1) << "a thread that went still owns its counters";
}

// A slot takes 14 KiB; those of threads that went serve those that come.
void few_slots(const Run &run) {
  EXPECT_LT((*run.report)["live_blocks"], kLeftByLibraries);
  EXPECT_GE((*run.report)["allocations"], 10'000);
  EXPECT_LT((*run.report)["meter_slot_bytes"], 1 << 20);
}

std::vector<Row> crowds() {
  return {
      {.name = "ten_thousand",
       .promise = "ten thousand threads, created and joined",
       .argv = {"@ten_thousand_threads", "joined"},
       .check = few_slots},
      {.name = "ten_thousand_detached",
       .promise = "ten thousand detached threads",
       .argv = {"@ten_thousand_threads", "detached"},
       .check = few_slots},
      {.name = "ten_thousand_tiny",
       .promise = "ten thousand threads with stacks of 16 KiB",
       .argv = {"@ten_thousand_threads", "tiny"},
       .check = few_slots},
      {.name = "sixty_six_thousand",
       .promise = "more threads, one after the other, than the meter has slots for",
       .argv = {"@ten_thousand_threads", "more"},
       .skip = unless_machine_is_ours,  // all process ids go round, and other tests tell reports by theirs
       .check = few_slots},
      {.name = "crowd",
       .promise = "a thousand threads at once",
       .argv = {"@crowd_of_threads"},
       .check = [](const Run &run) { EXPECT_EQ((*run.report)["threads"], 1); }},
      {.name = "smallest_stack_and_all_keys",
       .promise = "the smallest stack; a program that takes all pthread keys but a few",
       .argv = {"@thread_limits"}},
      {.name = "raw_clone",
       .promise = "a thread by a bare clone(), without thread-local storage of its own",
       .argv = {"@raw_clone_thread"},
       .check = nothing_left},
  };
}

std::vector<Row> endings() {
  return {
      {.name = "cancelled",
       .promise = "threads cancelled at cancellation points, clean-up handlers that free",
       .argv = {"@cancelled_threads", "deferred"},
       .repeated = true,
       .check = nothing_left},
      {.name = "cancelled_asynchronously",
       .promise = "threads cancelled anywhere",
       .argv = {"@cancelled_threads", "asynchronous"},
       .repeated = true,
       .check = nothing_left},
      {.name = "key_destructors",
       .promise = "pthread-key destructors that allocate and free in every round, 40 keys",
       .script = "$METERED ${VICTIMS}late_frees | grep made"},
      {.name = "thread_local_destructors",
       .promise = "destructors of thread_local objects and of keys that set each other up again",
       .argv = {"@thread_local_destructors"},
       .repeated = true},
      {.name = "cross_thread_frees",
       .promise = "blocks made by one thread and freed by another, the maker gone or not",
       .argv = {"@cross_thread_frees"},
       .check = nothing_left},
  };
}

std::vector<Row> stacks() {
  return {
      {.name = "fibers",
       .promise = "fibers (ucontext) with stacks of 4 KiB, resumed by two threads",
       .argv = {"@fibers"},
       .check = nothing_left},
      {.name = "coroutines",
       .promise = "C++ coroutines that move from thread to thread",
       .argv = {"@coroutines"},
       .check = nothing_left},
      {.name = "alternate_stacks",
       .promise = "signal handlers that allocate on alternate stacks of 8 KiB, after a stack overflow too",
       .argv = {"@alternate_stack"},
       .check = nothing_left},
  };
}

}  // namespace

Group threads_group() {
  Group threads{"threads", {}};
  for (auto &part : {crowds(), endings(), stacks()}) {
    threads.rows.insert(threads.rows.end(), part.begin(), part.end());
  }
  return threads;
}

}  // namespace heapmeter::testing::matrix
